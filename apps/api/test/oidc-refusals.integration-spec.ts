import { describe, expect, it } from '@jest/globals';
import { ANONYMOUS, type ApiUnderTest } from './support/api-under-test.js';
import { Browser, type Page } from './support/browser.js';
import { type City, newVerifier, OIDC, testsInCity } from './support/city-with-provider.js';
import { CLIENT, newKey, type Forgery, type TestProvider } from './support/test-provider.js';

const MINUTE_MS = 60_000;
describe('signing in through a provider is refused', () => {
  let city: City;
  let api: ApiUnderTest;
  let provider: TestProvider;
  testsInCity((started) => {
    city = started;
    ({ api, provider } = city);
  });

  const isRefused = async (page: Promise<Page>, status: number, says: string) => {
    const { status: found, text, headers } = await page;
    expect([found, text, headers.get('location')]).toEqual([status, expect.stringContaining(says), null]);
  };
  /** The provider's answer, with something of it changed. */
  const changed = async (browser: Browser, change: (query: URLSearchParams) => void) => {
    provider.whoSignsIn = city.person('m', ['all']);
    const url = new URL((await city.toCallback(browser)).url);
    change(url.searchParams);
    return url.href;
  };

  it('with a state that is wrong, of another sign-in, or comes again', async () => {
    const browser = new Browser();
    const wrong = await changed(browser, (query) => query.set('state', newVerifier()));
    await isRefused(browser.open(wrong), 410, 'begin again');
    const other = new URL(await changed(browser, () => undefined));
    const swapped = await changed(browser, (query) => query.set('code', other.searchParams.get('code') ?? ''));
    // Mixed with the code of another sign-in of the same browser: the verifier differs.
    await isRefused(browser.open(swapped), 401, 'invalid_grant');
    const good = await changed(browser, () => undefined);
    expect((await browser.open(good)).status).toBe(200);
    await isRefused(browser.open(good), 410, 'is over');
    const two = await changed(browser, () => undefined);
    const both = await Promise.all([browser.open(two), browser.open(two)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
    const without = await changed(browser, (query) => query.delete('state'));
    expect((await browser.open(without)).status).toBe(400);
  });

  it('with a code that was used', async () => {
    const browser = new Browser();
    const good = new URL(await changed(browser, () => undefined));
    expect((await browser.open(good.href)).status).toBe(200);
    const replayed = await changed(browser, (query) => query.set('code', good.searchParams.get('code') ?? ''));
    await isRefused(browser.open(replayed), 401, 'invalid_grant');
  });

  it('after ten minutes, in another browser, and in one that keeps no cookies', async () => {
    const browser = new Browser();
    const good = await changed(browser, () => undefined);
    await isRefused(new Browser().open(good), 400, 'keeps no cookies');
    const planted = new Browser();
    await planted.plant(good, `felinar_oidc=${newVerifier()}; Path=${OIDC}`);
    await isRefused(planted.open(good), 410, 'in another browser');
    // It was not spent by them.
    expect((await browser.open(good)).status).toBe(200);
    const late = await changed(browser, () => undefined);
    api.wallMs += 10 * MINUTE_MS;
    await isRefused(browser.open(late), 410, 'ten minutes');
  });

  it.each<[string, string, () => Promise<Forgery>]>([
    [
      'whose nonce was changed',
      'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
      async () => (claims) => ({ claims: { ...claims, nonce: newVerifier() } }),
    ],
    [
      'without a nonce',
      'OAUTH_INVALID_RESPONSE',
      async () =>
        ({ nonce: _, ...claims }) => ({ claims }),
    ],
    [
      'for another audience',
      'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
      async () => (claims) => ({ claims: { ...claims, aud: 'another' } }),
    ],
    [
      'for others too',
      'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
      async () => (claims) => ({ claims: { ...claims, aud: ['felinar', 'x'], azp: 'x' } }),
    ],
    [
      'of another issuer',
      'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
      async () => (claims) => ({ claims: { ...claims, iss: 'https://evil.example' } }),
    ],
    [
      'that is over',
      'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
      async () => (claims) => ({ claims: { ...claims, exp: Math.floor(Date.now() / 1000) - 60 } }),
    ],
    [
      'signed with another key',
      'OAUTH_KEY_SELECTION_FAILED',
      async () => {
        const key = await newKey();
        return (claims) => ({ claims, key });
      },
    ],
  ])('with an ID token %s', async (_, says, forge) => {
    const browser = new Browser();
    const good = await changed(browser, () => undefined);
    provider.forge = await forge();
    await isRefused(browser.open(good), 401, says);
  });

  it('with an ID token signed with another key under the name of the right one', async () => {
    const browser = new Browser();
    const good = await changed(browser, () => undefined);
    let kid = '';
    provider.onToken = ({ body }) => {
      const [header = ''] = (body as { id_token: string }).id_token.split('.');
      kid = (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
    };
    const other = await newKey();
    provider.forge = (claims) => ({ claims, key: { ...other, kid } });
    await isRefused(browser.open(good), 401, 'does not hold');
    expect(kid).not.toBe('');
  });

  it('with an ID token without a signature, or without an ID token', async () => {
    for (const idToken of ['none', undefined]) {
      const browser = new Browser();
      const good = await changed(browser, () => undefined);
      provider.onToken = ({ body }) => {
        const answer = body as { id_token?: string };
        const [, claims = ''] = answer.id_token?.split('.') ?? [];
        if (idToken === undefined) delete answer.id_token;
        else answer.id_token = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
      };
      await isRefused(browser.open(good), 401, 'does not hold');
    }
  });

  it('when somebody leaves PKCE away on the way to the provider', async () => {
    provider.whoSignsIn = city.person('m', ['all']);
    const browser = new Browser();
    const first = await browser.open(city.startUrl(newVerifier()), () => true);
    const { searchParams } = new URL(first.url);
    expect([searchParams.get('code_challenge_method'), searchParams.get('code_challenge')?.length]).toEqual([
      'S256',
      43,
    ]);
    for (const downgrade of [undefined, 'plain']) {
      const attempt = new URL((await browser.open(city.startUrl(newVerifier()), () => true)).url);
      attempt.searchParams.delete('code_challenge_method');
      if (downgrade === undefined) attempt.searchParams.delete('code_challenge');
      else attempt.searchParams.set('code_challenge_method', downgrade);
      const back = await browser.open(attempt.href, ({ pathname }) => pathname === `${OIDC}/callback`);
      const page = await browser.open(back.url);
      expect([downgrade, page.status]).toEqual([downgrade, downgrade === undefined ? 401 : 403]);
    }
  });

  it('when the answer is said to be of another issuer', async () => {
    const browser = new Browser();
    const mixed = await changed(browser, (query) => query.set('iss', 'https://evil.example'));
    await isRefused(browser.open(mixed), 401, 'does not hold');
  });

  it('when the person presses Cancel', async () => {
    provider.whoSignsIn = undefined;
    const page = await new Browser().open(city.startUrl(newVerifier()));
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('access_denied')]);
  });

  it('with a problem document for programs', async () => {
    const { status, body } = await api.get(`/sessions/oidc/callback?state=${newVerifier()}&code=x`, ANONYMOUS);
    expect([status, body.type]).toEqual([400, 'urn:felinar:problem:invalid-request']);
  });

  it('after many tries from one address', async () => {
    const from = (n: number) => ({ 'x-forwarded-for': `192.0.2.${n}`, authorization: '' });
    const tries = await Promise.all(
      Array.from({ length: 100 }, () =>
        api.post('/sessions/oidc/tokens', { code: 'felo_x', codeVerifier: newVerifier() }, from(1)),
      ),
    );
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(10);
    const refused = await api.get('/sessions/oidc', from(1));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await api.get('/sessions/oidc', from(2))).status).toBe(200);
  });

  it('while the provider is away, and says what to do, in health too, and goes on when it is back', async () => {
    const ready = async () => (await api.get('//health/ready')).body;
    const start = () => new Browser().open(city.startUrl(newVerifier()), () => true);
    provider.whoSignsIn = city.person('patient', ['all']);
    const waiting = new Browser();
    const { url } = await city.toCallback(waiting);
    expect(await ready()).toMatchObject({
      status: 'ready',
      checks: expect.arrayContaining([{ name: 'sign-in provider', ready: true, optional: true }]),
    });
    await provider.down();
    const page = await waiting.open(url);
    expect([page.status, page.text, page.headers.get('cache-control')]).toEqual([
      503,
      expect.stringContaining('cannot be used at the moment (ECONNREFUSED): try again'),
      'no-store',
    ]);
    const refused = await start();
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      503,
      expect.objectContaining({ detail: expect.stringContaining('An administrator can sign in with a password') }),
    ]);
    const health = await ready();
    // The API works without it: whoever distributes requests is told to go on.
    expect(health.status).toBe('ready');
    expect(health.checks).toContainEqual({
      ...{ name: 'sign-in provider', ready: false, optional: true },
      detail: expect.stringContaining(provider.issuer),
    });
    await provider.up();
    expect((await start()).status).toBe(302);
    await city.signIn('patient');
    expect((await ready()).checks).toContainEqual({ name: 'sign-in provider', ready: true, optional: true });
  });

  it('when the secret is wrong, and does not say what it is', async () => {
    provider.clientSecret = 'another-secret';
    await provider.restart();
    const page = await city.arrive(city.person('secret', ['all']));
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('FELINAR_OIDC_CLIENT_SECRET')]);
    expect(page.text).not.toContain(CLIENT.secret);
    provider.clientSecret = CLIENT.secret;
    await provider.restart();
    await city.signIn('secret');
  });
});
