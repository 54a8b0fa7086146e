import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passwordProblem, type Grant } from '#libs/identity';
import { issueAdministratorKey } from '#libs/storage';
import { firstAdministrator, restoreAdministrator } from '../src/index.js';
import { apiKeyPage, apiKeyWithKey } from '../src/identity/api-key.schema.js';
import { meView, sessionTokens, signedIn } from '../src/identity/session.schema.js';
import { userPage, userView, userWithPassword } from '../src/identity/user.schema.js';
import { ANONYMOUS, ApiUnderTest } from './support/api-under-test.js';
import { bearer, createUser, everywhere, PASSWORD, signInAs } from './support/people.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe('people', () => {
  let api: ApiUnderTest;
  const user = (username: string, grants?: Grant[]) => createUser(api, username, grants);
  const signIn = (username: string, password?: string, headers?: Record<string, string>) =>
    signInAs(api, username, password, headers);
  const me = async (token: string) => (await api.get('/me', bearer(token))).status;
  const refresh = (refreshToken: string) => api.post('/sessions/refresh', { refreshToken }, ANONYMOUS);

  beforeAll(async () => {
    // Behind a proxy of the same machine, so that tests can come from several addresses.
    api = await ApiUnderTest.start({ FELINAR_TRUSTED_PROXIES: 'loopback' });
    await api.city('BT', 1);
    await api.city('OULU', 1);
  });
  afterAll(() => api.stop());

  it('begin with one administrator, whoever starts first, and never again', async () => {
    await api.pool.query('BEGIN; DELETE FROM app_user; COMMIT');
    const made = await Promise.all(Array.from({ length: 4 }, () => firstAdministrator(api.pool, api.wallMs)));
    const [newcomer, ...others] = made.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(await firstAdministrator(api.pool, api.wallMs)).toBeUndefined();
    const { username = '', password = '' } = newcomer ?? {};
    expect(passwordProblem(password, username)).toBeUndefined();
    const first = signedIn.parse((await signIn(username, password)).body);
    expect(first.passwordIsTemporary).toBe(true);
    const headers = bearer(first.accessToken);
    expect((await api.get('/users', headers)).body.detail).toContain('PUT /api/v1/me/password');
    expect((await api.post('/me/api-keys', { name: 'x', grants: [everywhere('viewer')] }, headers)).status).toBe(403);
    expect((await api.get('/me', headers)).body).toMatchObject({ passwordIsTemporary: true });
    const change = (newPassword: string, currentPassword = password) =>
      api.put('/me/password', { currentPassword, newPassword }, headers);
    for (const bad of ['short', password, 'admin admin admin', 'aaaaaaaaaaaaaa'])
      expect((await change(bad)).body).toMatchObject({ status: 422, errors: [{ pointer: '/newPassword' }] });
    expect((await change(PASSWORD, 'wrong')).body).toMatchObject({ errors: [{ pointer: '/currentPassword' }] });
    expect((await change(PASSWORD)).status).toBe(204);
    expect((await api.get('/users', headers)).status).toBe(200);
    api.authorization = headers.authorization;
  });

  it('sign in by name in any case of letters, and are told who they are', async () => {
    await user('maria.ionescu', [{ role: 'operator', site: 'BT', group: null }]);
    const answer = await signIn('Maria.Ionescu');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const tokens = signedIn.parse(answer.body);
    expect(Date.parse(tokens.accessExpiresAt) - api.wallMs).toBe(15 * MINUTE_MS);
    expect(meView.parse((await api.get('/me', bearer(tokens.accessToken))).body)).toEqual({
      ...{ username: 'maria.ionescu', name: 'maria.ionescu', by: 'session', key: null, passwordIsTemporary: false },
      grants: [{ role: 'operator', site: 'BT', group: null }],
      ...{ keyGrants: null, sites: ['BT'] },
    });
    const sites = (await api.get('/sites', bearer(tokens.accessToken))).body.items;
    expect(sites.map(({ address }: { address: string }) => address)).toEqual(['BT']);
    expect((await api.get('/sites?limit=1', bearer(tokens.accessToken))).body.nextCursor).toBeNull();
  });

  it('are refused alike, whether they exist or not', async () => {
    const [wrong, nobody] = await Promise.all([
      signIn('maria.ionescu', 'not it at all'),
      signIn('nobody.at.all', 'not it'),
    ]);
    const { correlationId: _a, ...first } = wrong.body;
    const { correlationId: _b, ...second } = nobody.body;
    expect(first).toEqual(second);
    expect(first).toMatchObject({ status: 401, detail: 'The user name or the password is wrong' });
  });

  it('stay signed in by tokens that are used once; a token that comes again ends it for everybody', async () => {
    const first = signedIn.parse((await signIn('maria.ionescu')).body);
    api.wallMs += 16 * MINUTE_MS;
    expect(await me(first.accessToken)).toBe(401);
    const second = sessionTokens.parse((await refresh(first.refreshToken)).body);
    expect(await me(second.accessToken)).toBe(200);
    const third = sessionTokens.parse((await refresh(second.refreshToken)).body);
    expect([await me(second.accessToken), await me(third.accessToken)]).toEqual([401, 200]);
    const stolen = await refresh(first.refreshToken);
    expect(stolen.body).toMatchObject({ status: 401, detail: expect.stringContaining('used before') });
    expect(await me(third.accessToken)).toBe(401);
    expect((await refresh(third.refreshToken)).status).toBe(401);
    const ended = await api.pool.query("SELECT ended_because AS why FROM session WHERE ended_because = 'reused'");
    expect(ended.rows).toHaveLength(1);
  });

  it('two refreshes at once: one gets tokens, and they are worth nothing', async () => {
    const { refreshToken } = signedIn.parse((await signIn('maria.ionescu')).body);
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const { accessToken } = answers.find(({ status }) => status === 200)?.body ?? {};
    expect(await me(accessToken)).toBe(401);
  });

  it.each([
    ['7 days without a refresh', 7 * DAY_MS, 1],
    ['30 days in all', 6 * DAY_MS, 5],
  ])('are signed out after %s', async (_, stepMs, times) => {
    let tokens = signedIn.parse((await signIn('maria.ionescu')).body) as { refreshToken: string };
    for (let n = 1; n < times; n += 1) {
      api.wallMs += stepMs;
      tokens = sessionTokens.parse((await refresh(tokens.refreshToken)).body);
    }
    api.wallMs += stepMs;
    expect((await refresh(tokens.refreshToken)).status).toBe(401);
    api.authorization = `Bearer ${(await signIn('admin')).body.accessToken}`;
  });

  it('sign out, and are signed out by a changed password elsewhere, by whoever manages users, and when disabled', async () => {
    const [a, b, c] = await Promise.all(
      [1, 2, 3].map(async () => signedIn.parse((await signIn('maria.ionescu')).body)),
    );
    if (a === undefined || b === undefined || c === undefined) throw new Error('not signed in');
    expect((await api.delete('/sessions/current', bearer(a.accessToken))).status).toBe(204);
    expect([await me(a.accessToken), (await refresh(a.refreshToken)).status]).toEqual([401, 401]);
    const change = { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` };
    expect((await api.put('/me/password', change, bearer(b.accessToken))).status).toBe(204);
    expect([await me(b.accessToken), await me(c.accessToken)]).toEqual([200, 401]);
    expect((await api.delete('/users/maria.ionescu/sessions')).status).toBe(204);
    expect(await me(b.accessToken)).toBe(401);
    const d = signedIn.parse((await signIn('maria.ionescu', `${PASSWORD}!`)).body);
    expect((await api.patch('/users/maria.ionescu', { disabled: true })).body).toMatchObject({
      disabledAt: expect.any(String),
    });
    expect([await me(d.accessToken), (await refresh(d.refreshToken)).status]).toEqual([401, 401]);
    expect((await signIn('maria.ionescu', `${PASSWORD}!`)).status).toBe(401);
    expect((await api.patch('/users/maria.ionescu', { disabled: false })).body).toMatchObject({ disabledAt: null });
    const reset = userWithPassword.parse((await api.post('/users/maria.ionescu/password')).body);
    expect((await signIn('maria.ionescu', `${PASSWORD}!`)).status).toBe(401);
    expect((await signIn('maria.ionescu', reset.temporaryPassword)).body).toMatchObject({ passwordIsTemporary: true });
  });

  describe('who manage users', () => {
    it('create, read, change and delete them', async () => {
      const answer = await api.post('/users', {
        username: 'eng',
        name: 'Eng',
        grants: [{ role: 'engineer', site: 'BT' }],
      });
      expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
        201,
        '/api/v1/users/eng',
        'no-store',
      ]);
      expect(userWithPassword.parse(answer.body).grants).toEqual([{ role: 'engineer', site: 'BT', group: null }]);
      const again = await api.post('/users', { username: 'eng', name: 'Eng' });
      expect([again.status, again.body.detail]).toEqual([409, 'There is a user eng already']);
      const grants = [{ role: 'operator', site: 'BT', group: 'CENTRE' }, { role: 'viewer' }];
      const changed = await api.patch('/users/eng', { grants }, { 'if-match': answer.headers.get('etag') ?? '' });
      expect(userView.parse(changed.body)).toMatchObject({
        version: 2,
        grants: [
          { role: 'viewer', site: null, group: null },
          { role: 'operator', site: 'BT', group: 'CENTRE' },
        ],
      });
      expect((await api.patch('/users/eng', { name: 'E' }, { 'if-match': '"1"' })).status).toBe(412);
      expect(userPage.parse((await api.get('/users?limit=2')).body).nextCursor).not.toBeNull();
      expect((await api.delete('/users/eng')).status).toBe(204);
      expect((await api.get('/users/eng')).status).toBe(404);
    });

    it.each([
      [{ username: 'Eng' }, '/username'],
      [{ grants: [{ role: 'boss' }] }, '/grants/0/role'],
      [{ grants: [{ role: 'operator', group: 'CENTRE' }] }, '/grants/0/site'],
      [{ grants: [{ role: 'engineer', site: 'BT', group: 'CENTRE' }] }, '/grants/0/role'],
      [{ grants: [{ role: 'viewer' }, { role: 'viewer', site: null }] }, '/grants'],
      [{ grants: [{ role: 'viewer', site: 'NOWHERE' }] }, '/grants/0/site'],
      [
        {
          grants: [
            { role: 'viewer', site: 'BT' },
            { role: 'viewer', site: 'BT', group: 'NOWHERE' },
          ],
        },
        '/grants/1/group',
      ],
    ])('are told what is wrong in %j', async (change, pointer) => {
      const { status, body } = await api.post('/users', { username: 'x', name: 'X', grants: [], ...change });
      expect([status === 400 || status === 422, body.errors.map((each: { pointer: string }) => each.pointer)]).toEqual([
        true,
        [pointer],
      ]);
    });

    it('cannot leave a city without anybody who may', async () => {
      const other = userWithPassword.parse(
        (await api.post('/users', { username: 'second', name: 'S', grants: [everywhere('administrator')] })).body,
      );
      const without = [{ role: 'viewer' }];
      // Both at once: one of them has to stay.
      const both = await Promise.all(
        ['admin', 'second'].map((name) => api.patch(`/users/${name}`, { disabled: true })),
      );
      expect(both.map(({ status }) => status).sort()).not.toEqual([200, 200]);
      await restoreAdministrator(api.pool, 'second', api.wallMs);
      const back = await restoreAdministrator(api.pool, 'admin', api.wallMs);
      const session = (await signIn('admin', back.password)).body;
      await api.put(
        '/me/password',
        { currentPassword: back.password, newPassword: PASSWORD },
        bearer(session.accessToken),
      );
      api.authorization = `Bearer ${session.accessToken}`;
      expect((await api.delete(`/users/${other.username}`)).status).toBe(204);
      for (const change of [
        { disabled: true },
        { grants: without },
        { grants: [{ role: 'administrator', site: 'BT' }] },
      ]) {
        const refused = await api.patch('/users/admin', change);
        expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('Nobody would be left')]);
      }
      expect((await api.delete('/users/admin')).status).toBe(409);
      expect((await api.get('/users')).status).toBe(200);
    });

    it('take away at once what they take away', async () => {
      const headers = await api.as('short.lived', [everywhere('engineer')]);
      const create = (address: string) => api.post('/sites/BT/cabinets', { address, name: address }, headers);
      expect((await create('CAB-90')).status).toBe(201);
      await api.patch('/users/short.lived', { grants: [{ role: 'viewer', site: 'BT' }] });
      expect((await create('CAB-91')).status).toBe(403);
      expect((await api.get('/sites/OULU', headers)).status).toBe(404);
    });
  });

  describe('give programs keys', () => {
    let headers: Record<string, string>;
    const make = (body: object, as = headers) => api.post('/me/api-keys', { name: 'Grafana', ...body }, as);

    beforeAll(async () => {
      headers = await api.as('keeper', [{ role: 'engineer', site: 'BT', group: null }]);
    });

    it('that are shown once, and do what they are for and no more', async () => {
      const answer = await make({ grants: [{ role: 'viewer', site: 'BT' }] });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
      const { key, hint, id } = apiKeyWithKey.parse(answer.body);
      expect(key.startsWith(hint)).toBe(true);
      for (const shown of [{ 'x-api-key': key }, bearer(key)]) {
        expect((await api.get('/sites/BT', shown)).status).toBe(200);
        expect((await api.post('/sites/BT/cabinets', { address: 'X', name: 'X' }, shown)).status).toBe(403);
        expect((await api.get('/me', shown)).body).toMatchObject({ username: 'keeper', by: 'key', key: 'Grafana' });
        for (const path of ['/me/api-keys', '/me/password'])
          expect((await api.call(path.endsWith('keys') ? 'POST' : 'PUT', path, {}, shown)).status).toBe(403);
      }
      const page = await api.get('/me/api-keys', headers);
      expect(apiKeyPage.parse(page.body).items).toMatchObject([
        { id, hint, lastUsedAt: new Date(api.wallMs).toISOString() },
      ]);
      expect(page.text).not.toContain(key);
      const program = await api.post('/sites/BT/programs', {}, { 'x-api-key': key });
      expect(program.status).toBe(403);
      expect((await api.delete(`/me/api-keys/${id}`, headers)).status).toBe(204);
      expect((await api.get('/sites/BT', { 'x-api-key': key })).status).toBe(401);
      expect((await api.delete(`/me/api-keys/${id}`, headers)).status).toBe(409);
    });

    it('that end', async () => {
      const { key } = (await make({ grants: [{ role: 'viewer', site: 'BT' }], expiresInDays: 1 })).body;
      const before = api.wallMs;
      api.wallMs += DAY_MS - 1;
      expect((await api.get('/sites/BT', { 'x-api-key': key })).status).toBe(200);
      api.wallMs += 1;
      expect((await api.get('/sites/BT', { 'x-api-key': key })).status).toBe(401);
      api.wallMs = before;
    });

    it('that never do more than their owner, whose name and key stand in histories', async () => {
      for (const grants of [
        [everywhere('viewer')],
        [{ role: 'administrator', site: 'BT' }],
        [{ role: 'viewer', site: 'OULU' }],
      ])
        expect((await make({ grants })).body).toMatchObject({ status: 422, errors: [{ pointer: '/grants/0' }] });
      expect((await make({ grants: [] })).status).toBe(400);
      const { key } = (await make({ grants: [{ role: 'engineer', site: 'BT' }] })).body;
      const cabinet = (address: string) =>
        api.post('/sites/BT/cabinets', { address, name: address }, { 'x-api-key': key });
      expect((await cabinet('CAB-80')).status).toBe(201);
      const override = { target: { kind: 'site' }, levelPercent: 50, expiresAt: '2026-11-24T13:00:00Z' };
      const made = await api.post('/sites/BT/overrides', override, { 'x-api-key': key });
      expect(made.body).toMatchObject({ createdBy: 'keeper (key Grafana)' });
      await api.patch('/users/keeper', { grants: [{ role: 'viewer', site: 'BT' }] });
      expect((await cabinet('CAB-81')).status).toBe(403);
      await api.patch('/users/keeper', { disabled: true });
      expect((await cabinet('CAB-81')).status).toBe(401);
    });

    it('that whoever manages users sees and revokes', async () => {
      const holder = await api.as('holder', [everywhere('viewer')]);
      const { id, key } = (await make({ grants: [everywhere('viewer')] }, holder)).body;
      expect((await api.get('/users/holder/api-keys')).body.items).toMatchObject([{ id, username: 'holder' }]);
      expect((await api.get('/users/holder/api-keys', holder)).status).toBe(403);
      expect((await api.delete(`/users/admin/api-keys/${id}`)).status).toBe(404);
      expect((await api.delete(`/users/holder/api-keys/${id}`)).status).toBe(204);
      expect((await api.get('/sites', { 'x-api-key': key })).status).toBe(401);
    });

    it('of which a start leaves one', async () => {
      const first = await issueAdministratorKey(api.pool, 'npm start', api.wallMs);
      const second = await issueAdministratorKey(api.pool, 'npm start', api.wallMs);
      const users = (key: string) => api.get('/users', { 'x-api-key': key });
      expect([(await users(first)).status, (await users(second)).status]).toEqual([401, 200]);
    });
  });

  it('leave no secret in the database', async () => {
    await user('ion');
    const answer = signedIn.parse(
      (await signIn('ion', PASSWORD, { 'x-forwarded-for': '203.0.113.77', authorization: '' })).body,
    );
    const tables = ['app_user', 'session', 'used_refresh_token', 'api_key', 'access_grant', 'sign_in_failure'];
    const stored = await Promise.all(
      tables.map((table) => api.pool.query(`SELECT to_jsonb(t)::text AS row FROM ${table} AS t`)),
    );
    const all = stored.flatMap(({ rows }) => rows.map(({ row }) => row as string)).join('\n');
    expect(all).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    for (const secret of [PASSWORD, answer.accessToken, answer.refreshToken]) expect(all).not.toContain(secret);
  });
});
