import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '#libs/services';
import { emptyDatabase, RoleProcess, waitFor } from '#libs/testing';
import { ANONYMOUS, ApiUnderTest } from './support/api-under-test.js';
import { Browser } from './support/browser.js';
import { bearer, challengeOf, City, codeIn, newVerifier, OIDC } from './support/city-with-provider.js';
import { CLIENT, TestProvider } from './support/test-provider.js';

const GRANT = { role: 'engineer', site: 'OULU', group: null } as const;

describe('a city', () => {
  const running: { stop(): Promise<void> }[] = [];
  const start = async (settings: Record<string, string>) => {
    const city = await City.start(settings);
    running.push(city);
    return city;
  };
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop();
  });
  const passwordOf = async ({ api }: City, username: string) =>
    (await api.post(`/users/${username}/password`)).body.temporaryPassword as string;

  it('without a provider says so on every route, and binds nobody', async () => {
    const api = await ApiUnderTest.start();
    running.push(api);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', `/start?codeChallenge=${challengeOf(newVerifier())}`, undefined],
      ['GET', '/start', undefined],
      ['GET', '/callback?state=x&code=y', undefined],
      ['POST', '/tokens', { code: 'x', codeVerifier: newVerifier() }],
      ['POST', '/sign-out', undefined],
    ] as const) {
      const { status, body: answer } = await api.call(method, `/sessions/oidc${path}`, body);
      expect([path, status, answer.detail]).toEqual([path, 404, expect.stringContaining('set FELINAR_OIDC_ISSUER')]);
    }
    await api.as('maria');
    const bound = await api.patch('/users/maria', { providerSubject: 'x' });
    expect([bound.status, bound.body.detail]).toEqual([409, expect.stringContaining('FELINAR_OIDC_ISSUER')]);
    expect((await api.get('//health/ready')).body.checks).toHaveLength(2);
  });

  it('that gives roles itself binds its users by verified email, and creates none', async () => {
    const city = await start({
      ...{ FELINAR_OIDC_ROLES: '', FELINAR_OIDC_CREATE_USERS: 'false', FELINAR_OIDC_LINK_BY_EMAIL: 'true' },
      ...{ FELINAR_OIDC_DEFAULT_ROLE: 'viewer@BT', FELINAR_PASSWORD_SIGN_IN: 'administrators' },
    });
    const { api } = city;
    const stranger = await city.arrive(city.person('stranger', ['it']));
    expect([stranger.status, stranger.text]).toEqual([403, expect.stringContaining('There is no user here')]);
    await api.post('/users', { username: 'maria@city.example', name: 'M', grants: [GRANT] });
    expect((await city.arrive(city.person('maria', [], 'maria@city.example', false))).status).toBe(403);
    const { accessToken } = await city.signIn(city.person('maria', ['it'], 'maria@city.example'));
    // A temporary password keeps nobody from working who never needs it.
    expect(await city.me(accessToken)).toMatchObject({ passwordIsTemporary: false, grants: [GRANT] });
    expect((await api.get('/sites/OULU', bearer(accessToken))).status).toBe(200);
    // Whoever gets that email at the provider afterwards is somebody else.
    expect((await city.arrive(city.person('imposter', ['it'], 'maria@city.example'))).status).toBe(403);
    // Roles that were all taken away here stay so.
    await api.patch('/users/maria@city.example', { grants: [] });
    expect((await city.arrive('maria')).status).toBe(403);
  });

  it('lets only administrators in with passwords when it wants that', async () => {
    const city = await start({ FELINAR_PASSWORD_SIGN_IN: 'administrators' });
    const { api } = city;
    expect((await api.get('/sessions/oidc', ANONYMOUS)).body.passwords).toBe('administrators');
    await api.post('/users', { username: 'eng', name: 'E', grants: [{ role: 'administrator', site: 'BT' }] });
    await api.post('/users', { username: 'chief', name: 'C', grants: [{ role: 'administrator' }] });
    const signIn = async (username: string, password: string) =>
      api.post('/sessions', { username, password }, ANONYMOUS);
    const refused = await signIn('eng', await passwordOf(city, 'eng'));
    expect([refused.status, refused.body.detail]).toEqual([
      403,
      expect.stringContaining('administrators of all sites'),
    ]);
    // Whoever does not know the password does not learn that.
    expect((await signIn('eng', 'wrong')).status).toBe(401);
    expect((await signIn('chief', await passwordOf(city, 'chief'))).status).toBe(201);
  });

  it('with a default role and roles deep in a claim lets everybody in who can be named', async () => {
    const city = await start({
      ...{ FELINAR_OIDC_DEFAULT_ROLE: 'viewer@BT', FELINAR_OIDC_ROLES_CLAIM: 'realm_access.roles' },
      FELINAR_OIDC_USERNAME_CLAIM: 'name',
    });
    city.provider.people.set('ion', { name: 'Ion.Pop', groups: ['it'] });
    const first = await city.signIn('ion');
    expect(await city.me(first.accessToken)).toMatchObject({
      username: 'ion.pop',
      grants: [{ role: 'viewer', site: 'BT', group: null }],
    });
    city.provider.people.set('ion', { name: 'Ion.Pop', realm_access: { roles: ['lighting-office'] } });
    const second = await city.signIn('ion');
    expect((await city.me(second.accessToken)).grants).toEqual([{ role: 'engineer', site: 'BT', group: null }]);
    city.provider.people.set('nameless', {});
    expect((await city.arrive('nameless')).status).toBe(403);
  });

  it('whose last administrator leaves the group is told the way back in', async () => {
    const city = await start({});
    const { accessToken } = await city.signIn(city.person('boss', ['it']));
    expect((await city.api.delete('/users/admin', bearer(accessToken))).status).toBe(204);
    city.person('boss', ['all']);
    const demoted = await city.signIn('boss');
    expect((await city.me(demoted.accessToken)).grants).toEqual([{ role: 'viewer', site: null, group: null }]);
    expect((await city.api.get('/users', bearer(accessToken))).status).toBe(403);
  });

  it('behind TLS gets a cookie for TLS alone, and for this part of it', async () => {
    const city = await start({ FELINAR_PUBLIC_URL: 'https://city.example/cms/' });
    const answer = await fetch(city.startUrl(newVerifier()), { redirect: 'manual' });
    expect(answer.headers.get('set-cookie')).toMatch(
      /^felinar_oidc=[A-Za-z0-9_-]{43}; Max-Age=600; Path=\/cms\/api\/v1\/sessions\/oidc; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    const url = new URL(answer.headers.get('location') ?? '');
    expect(url.searchParams.get('redirect_uri')).toBe(`https://city.example/cms${OIDC}/callback`);
  });

  it('with an issuer that is not quite the provider’s is told so', async () => {
    const port = await freePort();
    const provider = await TestProvider.start(`http://127.0.0.1:${port}${OIDC}/callback`);
    running.push({ stop: () => provider.down() });
    const city = await start({ FELINAR_OIDC_ISSUER: `http://localhost:${provider.port}` });
    const page = await city.api.get(`/sessions/oidc/start?codeChallenge=${challengeOf(newVerifier())}`, ANONYMOUS);
    expect([page.status, page.body.detail]).toEqual([503, expect.stringContaining('issuer does not match')]);
  });

  it('starts without its provider, goes on without a restart when that is there, and logs no secret', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const provider = await TestProvider.start(`${url}${OIDC}/callback`);
    await provider.down();
    const database = await emptyDatabase();
    const api = new RoleProcess(
      'api',
      database.url,
      { url: 'mqtt://127.0.0.1:1', protocolVersion: 5 },
      {
        ...{ FELINAR_HTTP_PORT: String(port), FELINAR_PUBLIC_URL: url, FELINAR_LOG_LEVEL: 'trace' },
        ...{ FELINAR_OIDC_ISSUER: provider.issuer, FELINAR_OIDC_CLIENT_ID: CLIENT.id },
        ...{ FELINAR_OIDC_CLIENT_SECRET: CLIENT.secret, FELINAR_OIDC_DEFAULT_ROLE: 'viewer' },
      },
    );
    api.start();
    running.push(
      { stop: () => provider.down() },
      { stop: async () => void (await api.stop()) },
      { stop: database.drop },
    );
    await waitFor('the API', () => api.log.includes('API and its documentation at'), 60_000);
    const verifier = newVerifier();
    const browser = new Browser();
    const startUrl = `${url}${OIDC}/start?codeChallenge=${challengeOf(verifier)}`;
    expect((await browser.open(startUrl)).status).toBe(503);
    expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({
      status: 'ready',
      checks: expect.arrayContaining([expect.objectContaining({ name: 'sign-in provider', ready: false })]),
    });
    await provider.up();
    provider.whoSignsIn = 'maria';
    provider.people.set('maria', { email: 'maria@city.example', email_verified: true });
    const back = await browser.open(startUrl, ({ pathname }) => pathname === `${OIDC}/callback`);
    const code = codeIn(await browser.open(back.url));
    const redeemed = await fetch(`${url}${OIDC}/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, codeVerifier: verifier }),
    });
    const tokens = (await redeemed.json()) as { accessToken: string; refreshToken: string };
    expect(redeemed.status).toBe(201);
    // A failing exchange is logged, too.
    provider.clientSecret = 'another';
    await provider.restart();
    const again = await browser.open(startUrl, ({ pathname }) => pathname === `${OIDC}/callback`);
    expect((await browser.open(again.url)).status).toBe(503);
    await waitFor('the refusal in the log', () => api.log.includes('invalid_client'), 10_000);
    const [cookie] = await browser.cookies(back.url);
    const brought = [back.url, again.url].flatMap((each) => {
      const { searchParams } = new URL(each);
      return [searchParams.get('code') ?? '', searchParams.get('state') ?? ''];
    });
    expect(api.log).toContain('/api/v1/sessions/oidc/callback?code=[secret]');
    for (const secret of [
      CLIENT.secret,
      code,
      verifier,
      tokens.accessToken,
      tokens.refreshToken,
      cookie?.value ?? '',
      ...brought,
    ])
      expect([secret.length >= 30, api.log.includes(secret)]).toEqual([true, false]);
  }, 90_000);
});
