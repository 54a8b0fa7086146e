import { describe, expect, it } from '@jest/globals';
import { waitFor } from '#libs/testing';
import { sessionTokens } from '../src/identity/session.schema.js';
import { userView } from '../src/identity/user.schema.js';
import { restoreAdministrator } from '../src/index.js';
import { signedOut } from '../src/oidc/oidc.schema.js';
import { ANONYMOUS, type ApiUnderTest } from './support/api-under-test.js';
import { Browser } from './support/browser.js';
import {
  bearer,
  challengeOf,
  type City,
  codeIn,
  newVerifier,
  OIDC,
  testsInCity,
} from './support/city-with-provider.js';
import { type TestProvider } from './support/test-provider.js';

const MINUTE_MS = 60_000;
describe('signing in through a provider', () => {
  let city: City;
  let api: ApiUnderTest;
  let provider: TestProvider;
  testsInCity((started) => {
    city = started;
    ({ api, provider } = city);
  });

  it('says which one it is', async () => {
    const answer = await api.get('/sessions/oidc', ANONYMOUS);
    expect(answer.body).toEqual({
      ...{ label: 'your city account', start: `${api.url}${OIDC}/start`, passwords: 'everybody' },
    });
  });

  it('gives working tokens with the roles of the groups, in their places', async () => {
    city.person('maria', ['lighting-office', 'centre-crew', 'choir'], 'Maria.Ionescu@city.example');
    const tokens = await city.signIn('maria');
    expect(tokens.passwordIsTemporary).toBe(false);
    expect(await city.me(tokens.accessToken)).toMatchObject({
      ...{ username: 'maria.ionescu@city.example', name: 'Person maria', by: 'session', passwordIsTemporary: false },
      grants: [
        { role: 'engineer', site: 'BT', group: null },
        { role: 'maintainer', site: 'BT', group: 'CENTRE' },
      ],
      sites: ['BT'],
    });
    const headers = bearer(tokens.accessToken);
    expect((await api.post('/sites/BT/cabinets', { address: 'CAB-70', name: 'X' }, headers)).status).toBe(201);
    expect((await api.get('/sites/OULU', headers)).status).toBe(404);
    const user = userView.parse((await api.get('/users/maria.ionescu@city.example')).body);
    expect(user.provider).toEqual({ issuer: provider.issuer, subject: 'maria' });
    // Nobody has a password of this user: there is none to choose, and none that works.
    expect(
      (await api.post('/me/api-keys', { name: 'GIS', grants: [{ role: 'viewer', site: 'BT' }] }, headers)).status,
    ).toBe(201);
  });

  it('takes claims from ID tokens as well, and asks for no more then', async () => {
    provider.claimsInIdToken = true;
    await provider.restart();
    city.person('idtoken', ['lighting-office']);
    const { accessToken } = await city.signIn('idtoken');
    expect((await city.me(accessToken)).grants).toEqual([{ role: 'engineer', site: 'BT', group: null }]);
    provider.claimsInIdToken = false;
    await provider.restart();
  });

  it('refreshes as other sessions, but ends after FELINAR_OIDC_SESSION_HOURS', async () => {
    const { refreshToken, refreshExpiresAt } = await city.signIn(city.person('hours', ['all']));
    expect(Date.parse(refreshExpiresAt) - api.wallMs).toBe(12 * 60 * MINUTE_MS);
    const fresh = sessionTokens.parse((await api.post('/sessions/refresh', { refreshToken }, ANONYMOUS)).body);
    expect((await city.me(fresh.accessToken)).username).toBe('hours@city.example');
    expect(fresh.refreshExpiresAt).toBe(refreshExpiresAt);
    expect((await api.post('/sessions/refresh', { refreshToken }, ANONYMOUS)).body.detail).toContain('used before');
    expect((await api.get('/me', bearer(fresh.accessToken))).status).toBe(401);
  });

  it('follows the groups at every sign-in, both ways', async () => {
    city.person('ana', ['lighting-office']);
    const first = await city.signIn('ana');
    city.person('ana', ['centre-crew']);
    const second = await city.signIn('ana');
    const grants = [{ role: 'maintainer', site: 'BT', group: 'CENTRE' }];
    expect((await city.me(second.accessToken)).grants).toEqual(grants);
    // Roles are looked up with every request: the first session has lost it, too.
    expect((await city.me(first.accessToken)).grants).toEqual(grants);
    const { version } = userView.parse((await api.get('/users/ana@city.example')).body);
    await city.signIn('ana');
    expect(userView.parse((await api.get('/users/ana@city.example')).body).version).toBe(version);
  });

  it('refuses who has no role here, and takes away what they had', async () => {
    expect((await city.arrive(city.person('choir', ['choir']))).status).toBe(403);
    expect((await api.get('/users/choir@city.example')).status).toBe(404);
    const { accessToken } = await city.signIn(city.person('left', ['lighting-office']));
    const key = (
      await api.post('/me/api-keys', { name: 'K', grants: [{ role: 'viewer', site: 'BT' }] }, bearer(accessToken))
    ).body.key as string;
    expect((await api.get('/sites/BT', { 'x-api-key': key })).status).toBe(200);
    city.person('left', []);
    const page = await city.arrive('left');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('has no role here')]);
    expect((await api.get('/me', bearer(accessToken))).status).toBe(401);
    expect((await api.get('/sites/BT', { 'x-api-key': key })).status).toBe(404);
    // A place that is not there gives nothing, and breaks nothing.
    expect((await city.arrive(city.person('ghost', ['ghosts']))).status).toBe(403);
    const both = await city.signIn(city.person('both', ['ghosts', 'all']));
    expect((await city.me(both.accessToken)).grants).toEqual([{ role: 'viewer', site: null, group: null }]);
  });

  it('refuses a disabled user, whatever the provider says', async () => {
    await city.signIn(city.person('gone', ['lighting-office']));
    await api.patch('/users/gone@city.example', { disabled: true });
    const page = await city.arrive('gone');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('Your user is disabled')]);
  });

  it('ends a code whose user was disabled before it was used', async () => {
    const verifier = newVerifier();
    const page = await city.arrive(city.person('between', ['all']), new Browser(), verifier);
    await api.patch('/users/between@city.example', { disabled: true });
    expect((await city.redeem(codeIn(page), verifier)).status).toBe(401);
  });

  it.each([
    ['not verified', { email: 'x@city.example', email_verified: false }],
    ['without a word on that', { email: 'x@city.example' }],
    ['verified as a text', { email: 'x@city.example', email_verified: 'true' as never }],
    ['absent', {}],
    ['no user name', { email: 'x y@city.example', email_verified: true }],
  ])('refuses an email that is %s', async (_, person) => {
    provider.people.set('odd', { ...person, groups: ['all'] });
    const page = await city.arrive('odd');
    expect([page.status, page.text]).toEqual([
      403,
      expect.stringContaining('names nobody in email that it has verified'),
    ]);
  });

  it('two first sign-ins of one person at once make one user', async () => {
    city.person('twin', ['all']);
    const tokens = await Promise.all([city.signIn('twin'), city.signIn('twin')]);
    expect((await Promise.all(tokens.map(({ accessToken }) => city.me(accessToken)))).map((me) => me.username)).toEqual(
      ['twin@city.example', 'twin@city.example'],
    );
  });

  describe('and a user who was there before', () => {
    it('does not take the user over; an administrator binds it, and frees it again', async () => {
      const headers = await api.as('old@city.example', [{ role: 'viewer', site: 'OULU', group: null }]);
      city.person('old', ['lighting-office']);
      const refused = await city.arrive('old');
      expect([refused.status, refused.text]).toEqual([
        403,
        expect.stringContaining('PATCH /api/v1/users/old@city.example'),
      ]);
      expect((await api.get('/me', headers)).body.grants).toEqual([{ role: 'viewer', site: 'OULU', group: null }]);
      const bound = await api.patch('/users/old@city.example', { providerSubject: 'old' });
      expect(userView.parse(bound.body).provider).toEqual({ issuer: provider.issuer, subject: 'old' });
      // Who came with a password has to come anew.
      expect((await api.get('/me', headers)).status).toBe(401);
      const { accessToken } = await city.signIn('old');
      expect((await city.me(accessToken)).grants).toEqual([{ role: 'engineer', site: 'BT', group: null }]);
      const taken = await api.patch('/users/admin', { providerSubject: 'old' });
      expect([taken.status, taken.body.detail]).toEqual([409, expect.stringContaining('already')]);
      const { temporaryPassword } = (await api.post('/users/old@city.example/password')).body;
      const credentials = { username: 'old@city.example', password: temporaryPassword };
      const byPassword = await api.post('/sessions', credentials, ANONYMOUS);
      expect([byPassword.status, byPassword.body.detail]).toEqual([403, expect.stringContaining('your city account')]);
      expect((await api.patch('/users/old@city.example', { providerSubject: null })).body.provider).toBeNull();
      expect((await api.post('/sessions', credentials, ANONYMOUS)).status).toBe(201);
      expect((await city.arrive('old')).status).toBe(403);
    });

    it('an email that went to somebody else at the provider does not bring the user with it', async () => {
      await city.signIn(city.person('first', ['lighting-office'], 'shared@city.example'));
      const page = await city.arrive(city.person('second', ['all'], 'shared@city.example'));
      expect([page.status, page.text]).toEqual([403, expect.stringContaining('not bound to your account')]);
      // The account is the subject: its email may change.
      city.person('first', ['all'], 'renamed@city.example');
      expect((await city.me((await city.signIn('first')).accessToken)).username).toBe('shared@city.example');
    });

    it('the way back in frees the user from the provider', async () => {
      await city.signIn(city.person('chief', ['it'], 'chief@city.example'));
      const { password } = await restoreAdministrator(api.pool, 'chief@city.example', api.wallMs);
      expect((await api.post('/sessions', { username: 'chief@city.example', password }, ANONYMOUS)).status).toBe(201);
    });
  });

  describe('returns', () => {
    it('to a path of Felinar, with a code that works once and for who began', async () => {
      const verifier = newVerifier();
      const browser = new Browser();
      const end = await city.arrive(city.person('app', ['all']), browser, verifier, '&returnTo=/docs?x=1');
      expect([end.status, end.headers.get('cache-control')]).toEqual([303, 'no-store']);
      const { origin, pathname, search, hash } = new URL(end.url);
      expect([origin, pathname, search]).toEqual([api.url, '/docs', '?x=1']);
      const code = new URLSearchParams(hash.slice(1)).get('felinarCode') ?? '';
      expect((await city.redeem(code, verifier)).status).toBe(201);
      const again = await city.redeem(code, verifier);
      expect([again.status, again.body.detail]).toEqual([401, expect.stringContaining('was used')]);
    });

    it('no tokens to somebody else with the code, who spends it; nor after two minutes', async () => {
      const verifier = newVerifier();
      const stolen = codeIn(await city.arrive(city.person('victim', ['all']), new Browser(), verifier));
      expect((await city.redeem(stolen, newVerifier())).status).toBe(401);
      expect((await city.redeem(stolen, verifier)).status).toBe(401);
      const late = codeIn(await city.arrive('victim', new Browser(), verifier));
      api.wallMs += 2 * MINUTE_MS;
      expect((await city.redeem(late, verifier)).status).toBe(401);
      const raced = codeIn(await city.arrive('victim', new Browser(), verifier));
      const both = await Promise.all([city.redeem(raced, verifier), city.redeem(raced, verifier)]);
      expect(both.map(({ status }) => status).sort()).toEqual([201, 401]);
    });

    it.each([
      ...[
        'https://evil.example/',
        '//evil.example',
        '/\\evil.example',
        '\\/evil.example',
        'evil',
        'javascript:alert(1)',
      ],
      ...['/docs#x', '/\t/evil.example', '/docs\r\nlocation: https://evil.example', ''],
    ])('never to %j', async (returnTo) => {
      const answer = await api.get(
        `/sessions/oidc/start?codeChallenge=${challengeOf(newVerifier())}&returnTo=${encodeURIComponent(returnTo)}`,
        ANONYMOUS,
      );
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, 'query/returnTo']);
      expect(answer.headers.get('location')).toBeNull();
    });
  });

  it('two tabs of one browser do not end each other', async () => {
    const browser = new Browser();
    provider.whoSignsIn = city.person('tabs', ['all']);
    const [a, b] = [await city.toCallback(browser), await city.toCallback(browser)];
    expect([(await browser.open(a.url)).status, (await browser.open(b.url)).status]).toEqual([200, 200]);
  });

  it('keeps nothing in the database by which somebody could go on', async () => {
    const browser = new Browser();
    provider.whoSignsIn = city.person('kept', ['all']);
    const { url } = await city.toCallback(browser);
    const [cookie] = await browser.cookies(`${api.url}${OIDC}/callback`);
    expect(cookie).toMatchObject({ key: 'felinar_oidc', httpOnly: true, sameSite: 'lax', path: OIDC, secure: false });
    const rows = async (table: string) =>
      JSON.stringify((await api.pool.query(`SELECT to_jsonb(t)::text AS row FROM ${table} AS t`)).rows);
    const code = codeIn(await browser.open(url));
    const stored = (await rows('provider_attempt')) + (await rows('provider_code')) + (await rows('audit'));
    for (const secret of [cookie?.value ?? '', new URL(url).searchParams.get('state') ?? '', code])
      expect([secret.length >= 43, stored.includes(secret)]).toEqual([true, false]);
  });

  it('is in the audit: who came into being, what roles they got, and each sign-in', async () => {
    const before = (await api.get('/audit?limit=1')).body.items[0].id as number;
    await city.signIn(city.person('audited', ['lighting-office']));
    city.person('audited', ['centre-crew']);
    await city.signIn('audited');
    const entries = (await api.get('/audit?limit=50')).body.items
      .filter(({ id }: { id: number }) => id > before)
      .reverse();
    const name = 'audited@city.example';
    expect(
      entries.map(({ actor, via, entity, action, address }: Record<string, string>) =>
        [actor, via, entity, action, address].join(' '),
      ),
    ).toEqual([
      `provider provider app_user created 127.0.0.1`,
      `provider provider access_grant created 127.0.0.1`,
      `${name}  session created 127.0.0.1`,
      `provider provider access_grant deleted 127.0.0.1`,
      `provider provider access_grant created 127.0.0.1`,
      `${name}  session created 127.0.0.1`,
    ]);
    expect(entries[2].after).toMatchObject({ signed_in_by: 'provider' });
  });

  it('signs out here at once, and says where to sign out there', async () => {
    const { accessToken, refreshToken } = await city.signIn(city.person('leaver', ['all']));
    const answer = await api.post('/sessions/oidc/sign-out', undefined, bearer(accessToken));
    const { providerSignOut } = signedOut.parse(answer.body);
    expect(providerSignOut).toBe(`${provider.issuer}/session/end?client_id=felinar`);
    expect((await api.get('/me', bearer(accessToken))).status).toBe(401);
    expect((await api.post('/sessions/refresh', { refreshToken }, ANONYMOUS)).status).toBe(401);
  });

  it('follows keys that the provider has changed a moment ago, also between the two halves of a sign-in', async () => {
    await city.signIn(city.person('keys', ['all']));
    await provider.rotateKeys();
    await city.signIn('keys');
    const browser = new Browser();
    provider.whoSignsIn = 'keys';
    const { url } = await city.toCallback(browser);
    await provider.rotateKeys();
    expect((await browser.open(url)).status).toBe(200);
  });

  it('is offered above the docs, which get its tokens', async () => {
    expect((await api.get('//docs', ANONYMOUS)).text).toContain("<script src='./docs/sign-in.js'>");
    const script = (await api.get('//docs/sign-in.js', ANONYMOUS)).text;
    const [stored, authorized, visited, timers] = [
      new Map<string, string>(),
      [] as string[],
      [] as string[],
      [] as (() => void)[],
    ];
    /** As much of a browser as the script takes: what it does there is looked at, what it asks Felinar is real. */
    const load = async (url: string) => {
      const elements: { tag: string; textContent: string; onclick: (() => Promise<void>) | null }[] = [];
      const element = (tag: string) => {
        const made = { tag, textContent: '', onclick: null, style: {}, append: () => undefined };
        elements.push(made);
        return made;
      };
      const { pathname, search, hash } = new URL(url);
      const bar: unknown[] = [];
      const window = {
        location: { pathname, search, hash, assign: (to: string) => void visited.push(to) },
        history: { replaceState: (_: null, __: string, to: string) => void visited.push(`now ${to}`) },
        sessionStorage: {
          getItem: (key: string) => stored.get(key) ?? null,
          setItem: (key: string, value: string) => void stored.set(key, value),
          removeItem: (key: string) => void stored.delete(key),
        },
        document: { createElement: element, body: { prepend: (it: unknown) => bar.push(it) } },
        crypto,
        fetch: (path: string, init?: RequestInit) => fetch(api.url + path, init),
        setTimeout: (work: () => void) => timers.push(work),
        ui: { preauthorizeApiKey: (_: string, token: string) => authorized.push(token) },
      };
      await (new Function('window', `return ${script}`) as (window: unknown) => Promise<void>)(window);
      const [button, note] = [elements.find(({ tag }) => tag === 'button'), elements.find(({ tag }) => tag === 'span')];
      return { button, note, isShown: bar.length === 1 };
    };
    const before = await load(`${api.url}/docs`);
    expect([before.isShown, before.button?.textContent]).toEqual([true, 'Sign in with your city account']);
    await before.button?.onclick?.();
    provider.whoSignsIn = city.person('reader', ['lighting-office']);
    const end = await new Browser().open(visited.at(-1) ?? '', ({ hash }) => hash !== '');
    const after = await load(end.url);
    expect([visited.at(-1), stored.size, after.note?.textContent]).toEqual([
      'now /docs',
      0,
      'You are signed in on this page.',
    ]);
    const [token = '', hasRefresh] = [authorized.at(-1), timers.length > 0];
    expect([(await city.me(token)).username, hasRefresh]).toEqual(['reader@city.example', true]);
    timers.at(-1)?.();
    await waitFor('the refresh', () => authorized.at(-1) !== token);
    const fresh = authorized.at(-1) ?? '';
    expect([(await city.me(fresh)).username, (await api.get('/me', bearer(token))).status]).toEqual([
      'reader@city.example',
      401,
    ]);
    await after.button?.onclick?.();
    expect([visited.at(-1), authorized.at(-1)]).toEqual([`${provider.issuer}/session/end?client_id=felinar`, '']);
    expect((await api.get('/me', bearer(fresh))).status).toBe(401);
    // The address with the code in it, loaded again.
    expect((await load(end.url)).note?.textContent).toBe('');
  });
});
