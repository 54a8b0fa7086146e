import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { freePort } from '#libs/services';
import { meView, signedIn } from '../../src/identity/session.schema.js';
import { ANONYMOUS, ApiUnderTest } from './api-under-test.js';
import { Browser, type Page } from './browser.js';
import { CLIENT, TestProvider } from './test-provider.js';

export const OIDC = '/api/v1/sessions/oidc';
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const newVerifier = () => randomBytes(32).toString('base64url');
export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** A city for the tests of a suite, handed over before the first. Each test finds the provider as it was made, and a minute of its own. */
export function testsInCity(begin: (city: City) => void): void {
  let city: City;
  beforeAll(async () => {
    city = await City.start();
    // The clock goes on by minutes: a key holds longer than a session that nobody refreshes.
    const grants = [{ role: 'administrator' }];
    city.api.authorization = `Bearer ${(await city.api.post('/me/api-keys', { name: 'test', grants })).body.key}`;
    begin(city);
  }, 60_000);
  afterAll(() => city.stop());
  afterEach(() => {
    city.provider.forge = undefined;
    city.provider.onToken = undefined;
    // Sign-ins from one address are counted by the minute.
    city.api.wallMs += 60_000;
  });
}

/** A city with a provider. */
export class City {
  private constructor(
    readonly api: ApiUnderTest,
    readonly provider: TestProvider,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<City> {
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const provider = await TestProvider.start(`${publicUrl}${OIDC}/callback`);
    const api = await ApiUnderTest.start({
      FELINAR_HTTP_PORT: String(port),
      FELINAR_PUBLIC_URL: publicUrl,
      FELINAR_OIDC_ISSUER: provider.issuer,
      FELINAR_OIDC_CLIENT_ID: CLIENT.id,
      FELINAR_OIDC_CLIENT_SECRET: CLIENT.secret,
      FELINAR_OIDC_SCOPES: 'openid email profile groups',
      FELINAR_OIDC_LABEL: 'your city account',
      FELINAR_OIDC_ROLES:
        'lighting-office = engineer@BT; centre-crew = maintainer@BT/CENTRE; it = administrator; ghosts = viewer@NOWHERE; all = viewer',
      FELINAR_TRUSTED_PROXIES: 'loopback',
      ...settings,
    });
    await api.city('BT', 1);
    await api.city('OULU', 1);
    return new City(api, provider);
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.provider.down();
  }

  startUrl(verifier: string, more = ''): string {
    return `${this.api.url}${OIDC}/start?codeChallenge=${challengeOf(verifier)}${more}`;
  }

  /** Up to the redirect that carries the provider's answer back to Felinar, which is not opened yet. */
  toCallback(browser: Browser, verifier = newVerifier(), more = ''): Promise<Page> {
    return browser.open(this.startUrl(verifier, more), ({ pathname }) => pathname === `${OIDC}/callback`);
  }

  redeem(code: string, codeVerifier: string) {
    return this.api.post('/sessions/oidc/tokens', { code, codeVerifier }, ANONYMOUS);
  }

  /** The whole way; answers the page that ends it. */
  async arrive(sub: string, browser = new Browser(), verifier = newVerifier(), more = ''): Promise<Page> {
    this.provider.whoSignsIn = sub;
    const { url } = await this.toCallback(browser, verifier, more);
    return browser.open(url, ({ hash }) => hash !== '');
  }

  /** The whole way to tokens. */
  async signIn(sub: string, browser = new Browser()) {
    const verifier = newVerifier();
    const page = await this.arrive(sub, browser, verifier);
    if (page.status !== 200) throw new Error(`${page.status} ${page.text}`);
    const answer = await this.redeem(codeIn(page), verifier);
    expect(answer.status).toBe(201);
    return signedIn.parse(answer.body);
  }

  async me(token: string) {
    return meView.parse((await this.api.get('/me', bearer(token))).body);
  }

  person(sub: string, groups: readonly string[], email = `${sub}@city.example`, isVerified = true): string {
    this.provider.people.set(sub, { email, email_verified: isVerified, name: `Person ${sub}`, groups });
    return sub;
  }
}

export function codeIn({ text }: Page): string {
  return /felo_[A-Za-z0-9_-]{43}/.exec(text)?.[0] ?? '';
}
