import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { AUDITED_TABLES, NOT_AUDITED_TABLES } from '#libs/storage';
import { auditPage } from '../src/audit/audit.schema.js';
import { ApiUnderTest, ANONYMOUS, LAMP, lampAddress } from './support/api-under-test.js';
import { storeFault } from './support/faults.js';
import { EVENING, STREETS } from './support/programs.js';

describe('the audit', () => {
  let api: ApiUnderTest;
  let maria: Record<string, string>;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
    await api.city('OULU', 1);
    maria = await api.as('maria', [{ role: 'engineer', site: 'BT', group: null }]);
  });
  afterAll(() => api.stop());

  const audit = async (query = '', headers?: Record<string, string>) =>
    auditPage.parse((await api.get(`/audit?${query}`, headers)).body).items;
  const brief = async (query: string) =>
    (await audit(query)).map(({ actor, entity, name, action }) => [actor, entity, name, action].join(' '));

  it('says who, when, from where, by which request, and what was before and after', async () => {
    await api.post('/sites/BT/cabinets', { address: 'CAB-50', name: 'Market' }, maria);
    const request = { ...maria, 'x-correlation-id': 'request-17' };
    await api.patch('/sites/BT/cabinets/CAB-50', { name: 'Market, east' }, request);
    await api.delete('/sites/BT/cabinets/CAB-50', maria);
    const [deleted, changed, created] = await audit('entity=cabinet&name=CAB-50');
    const session = await api.pool.query(
      "SELECT s.id FROM session AS s JOIN app_user AS u ON u.id = user_id WHERE username = 'maria'",
    );
    expect(changed).toEqual({
      ...{ id: expect.any(Number), at: expect.any(String), actor: 'maria', via: 'session', viaId: session.rows[0].id },
      ...{
        address: '127.0.0.1',
        correlationId: 'request-17',
        entity: 'cabinet',
        entityId: created?.entityId,
        name: 'CAB-50',
      },
      ...{ site: 'BT', action: 'changed', before: { name: 'Market' }, after: { name: 'Market, east' } },
    });
    expect(created).toMatchObject({ action: 'created', before: null, after: { address: 'CAB-50', name: 'Market' } });
    expect(deleted).toMatchObject({ action: 'deleted', before: { name: 'Market, east' }, after: null, site: 'BT' });
  });

  it('has every kind of change that people make', async () => {
    const group = '/sites/BT/groups/CENTRE/lamps';
    await api.post(group, { add: [lampAddress(1), lampAddress(2)] }, maria);
    await api.post('/sites/BT/programs', { ...EVENING, address: 'WEEKEND' }, maria);
    await api.post('/sites/BT/programs', EVENING, maria);
    await api.post('/sites/BT/calendars', STREETS, maria);
    await api.put('/sites/BT/assignments/group/CENTRE', { calendar: 'STREETS' }, maria);
    const override = {
      target: { kind: 'group', address: 'CENTRE' },
      levelPercent: 50,
      expiresAt: '2026-11-24T13:00:00Z',
    };
    const { id } = (await api.post('/sites/BT/overrides', override, maria)).body;
    await api.post(`/sites/BT/overrides/${id}/release`, undefined, maria);
    const fault = await storeFault(api, { lamp: lampAddress(1) });
    await api.post(`/sites/BT/faults/${fault}/comment`, { text: 'Wet inside' }, maria);
    await api.put(
      '/sites/BT/tariffs/2026-01-01',
      { name: 'T', currency: 'EUR', basePricePerKwh: 0.2, bands: [] },
      maria,
    );
    await api.importFile('BT', 'lamp,latitude,longitude,lampType\nL-0003,47.75,26.67,LED-57\nL-9,47.7,26.6,LED-57\n');
    expect(await brief('actor=maria&limit=12')).toEqual([
      'maria tariff 2026-01-01 created',
      `maria fault_history ${fault} created`,
      'maria level_override CENTRE changed',
      'maria level_override CENTRE created',
      'maria calendar_assignment CENTRE created',
      'maria calendar STREETS created',
      'maria control_program EVENING created',
      'maria control_program WEEKEND created',
      ...['maria lamp_group_member CENTRE/L-0002 created', 'maria lamp_group_member CENTRE/L-0001 created'],
      ...['maria cabinet CAB-50 deleted', 'maria cabinet CAB-50 changed'],
    ]);
    const [created, changed] = await audit('entity=lamp&actor=admin&limit=2');
    expect([changed, created].map((entry) => [entry?.name, entry?.action]).sort()).toEqual([
      ['L-0003', 'changed'],
      ['L-9', 'created'],
    ]);
    for (const { site } of await audit('actor=maria&entity=lamp_group_member')) expect(site).toBe('BT');
    // What was seen of the fault says nobody.
    expect(await audit(`entity=fault_history`)).toHaveLength(1);
  });

  it('has sign-ins and what users may do, and no secret', async () => {
    const before = (await audit('limit=1'))[0]?.id ?? 0;
    const made = (await api.post('/users', { username: 'ion', name: 'Ion', grants: [{ role: 'viewer', site: 'BT' }] }))
      .body;
    const signedIn = await api.post('/sessions', { username: 'ion', password: made.temporaryPassword }, ANONYMOUS);
    const ion = { authorization: `Bearer ${signedIn.body.accessToken}` };
    const passwords = { currentPassword: made.temporaryPassword, newPassword: 'a quiet street at night' };
    await api.put('/me/password', passwords, ion);
    const refreshed = (await api.post('/sessions/refresh', { refreshToken: signedIn.body.refreshToken }, ANONYMOUS))
      .body;
    const key = await api.post(
      '/me/api-keys',
      { name: 'GIS', grants: [{ role: 'viewer', site: 'BT' }] },
      { authorization: `Bearer ${refreshed.accessToken}` },
    );
    await api.get('/sites/BT', { 'x-api-key': key.body.key });
    await api.post('/sites/BT/crews', { address: 'NORTH', name: 'North', language: 'en' });
    const hook = { kind: 'webhook', target: 'https://example.org/T0/secret-part', minimumSeverity: 'minor' };
    const channel = await api.post('/sites/BT/crews/NORTH/channels', hook);
    const device = await api.post('/sites/BT/devices/L-0001/credentials');
    await api.delete('/sessions/current', { authorization: `Bearer ${refreshed.accessToken}` });
    const entries = (await audit('limit=100')).filter(({ id }) => id > before);
    expect(entries.map(({ actor, entity, name, action }) => [actor, entity, name, action].join(' ')).reverse()).toEqual(
      [
        'admin app_user ion created',
        'admin access_grant ion created',
        'ion session ion created',
        'ion app_user ion changed',
        'ion api_key ion/GIS created',
        'ion access_grant ion/GIS created',
        'admin crew NORTH created',
        'admin crew_channel NORTH created',
        'admin device_credential L-0001 created',
        'ion session ion changed',
      ],
    );
    expect(entries.find(({ entity, action }) => entity === 'app_user' && action === 'changed')).toMatchObject({
      before: { password_hash: '[secret]', password_is_temporary: true },
      after: { password_hash: '[secret]', password_is_temporary: false },
    });
    const stored = await api.pool.query('SELECT to_jsonb(audit)::text AS row FROM audit');
    const all = stored.rows.map(({ row }) => row as string).join('\n');
    const secrets = [
      passwords.newPassword,
      made.temporaryPassword,
      key.body.key,
      channel.body.secret,
      device.body.password,
    ];
    for (const secret of [...secrets, signedIn.body.refreshToken, 'argon2id', 'secret-part', '$7$']) {
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    }
    const hashes = await api.pool.query(
      "SELECT encode(hash, 'hex') AS hex FROM api_key UNION SELECT encode(access_hash, 'hex') FROM session",
    );
    for (const { hex } of hashes.rows) expect(all).not.toContain(hex);
  });

  it('never mistakes one for another, however many ask at once, nor a request for Felinar itself', async () => {
    const users = await Promise.all(
      ['u1', 'u2', 'u3', 'u4'].map(async (name) => ({
        name,
        headers: await api.as(name, [{ role: 'engineer', site: 'BT', group: null }]),
      })),
    );
    const changes = users.flatMap(({ name, headers }) =>
      Array.from({ length: 8 }, async (_, n) => {
        const address = `${name}-${n}`;
        await api.post('/sites/BT/groups', { address, name: address }, headers);
        await api.get('/sites/BT', headers);
        await api.post('/sites/BT/lamps', { ...LAMP, address }, headers);
        const override = {
          target: { kind: 'lamps', addresses: [address] },
          levelPercent: 50,
          expiresAt: '2026-11-24T13:00:00Z',
        };
        await api.post('/sites/BT/overrides', { ...override, reason: address }, headers);
      }),
    );
    await Promise.all(changes);
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        api.pool.query('INSERT INTO lamp_group (site_id, address, name) VALUES (1, $1, $1)', [`own-${n}`]),
      ),
    );
    await api.database.query("UPDATE lamp_group SET name = 'x' WHERE address LIKE 'own-%'");
    for (const { name } of users) {
      const own = await audit(`actor=${name}&limit=100`);
      expect(own.filter(({ entity }) => entity !== 'session')).toHaveLength(3 * 8);
      for (const { entity, name: of, after } of own) {
        if (entity === 'session') continue;
        expect(entity === 'level_override' ? after?.['reason'] : of).toMatch(new RegExp(`^${name}-`));
      }
    }
    const own = (await audit('actor=system&limit=100&entity=lamp_group')).filter(({ name }) => name.startsWith('own-'));
    expect(own).toHaveLength(24);
    expect(own[0]).toMatchObject({ via: null, viaId: null, address: null, correlationId: null });
  });

  it('knows nothing of what was not done', async () => {
    const before = (await audit('limit=1'))[0]?.id;
    expect((await api.post('/sites/BT/lamps', { ...LAMP, address: 'NEW', groups: ['NOWHERE'] })).status).toBe(422);
    expect((await api.importFile('BT', 'lamp,latitude,longitude,lampType\nX,1,1,NONE\n')).status).toBe(422);
    expect(
      (await api.importFile('BT', 'lamp,latitude,longitude,lampType\nX,47.74,26.66,LED-57\n', { dryRun: true })).status,
    ).toBe(200);
    expect((await api.patch('/sites/BT/lamps/L-0001', {})).status).toBe(200);
    expect((await audit('limit=1'))[0]?.id).toBe(before);
  });

  it.each([
    "UPDATE audit SET actor = 'x'",
    'UPDATE audit SET actor = actor WHERE false',
    'DELETE FROM audit WHERE id = 1',
    'TRUNCATE audit',
  ])('refuses %s', async (statement) => {
    await expect(api.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('is filtered, in pages, and given to those who may see the site', async () => {
    const auditor = await api.as('auditor', [{ role: 'auditor', site: 'OULU', group: null }]);
    expect((await api.get('/audit', auditor)).status).toBe(403);
    expect((await api.get('/audit?site=BT', auditor)).status).toBe(404);
    expect((await api.get('/audit?site=OULU', maria)).status).toBe(404);
    expect((await api.get('/audit?site=BT', maria)).status).toBe(403);
    const seen = await audit('site=OULU&limit=1000', auditor);
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen.map(({ site }) => site))).toEqual(new Set(['OULU']));
    const first = auditPage.parse((await api.get('/audit?site=OULU&limit=3')).body);
    const second = auditPage.parse((await api.get(`/audit?site=OULU&limit=3&cursor=${first.nextCursor}`)).body);
    expect([...first.items, ...second.items]).toEqual(seen.slice(0, 6));
    const [{ at, correlationId } = { at: '', correlationId: '' }] = await audit('actor=maria&entity=cabinet');
    const of = (query: string) => audit(`actor=maria&entity=cabinet&${query}`);
    expect(await of(`from=${at}`)).toHaveLength(1);
    expect(await of(`to=${at}`)).toHaveLength(2);
    expect(await of(`correlationId=${correlationId}`)).toHaveLength(1);
    expect((await api.get('/audit?from=2026-01-02&to=2026-01-02')).status).toBe(422);
    expect((await api.get('/audit?entity=telemetry')).status).toBe(400);
  });

  it('is exported whole, and no spreadsheet runs it', async () => {
    await api.post('/sites/BT/cabinets', { address: 'F', name: '=1+1' });
    const client = await api.pool.connect();
    await client.query(`SELECT set_config('felinar.actor', '{"name": "=cmd()"}', false)`);
    await client.query("UPDATE cabinet SET name = 'G' WHERE address = 'F'");
    client.release(true);
    const answer = await api.get('/audit?site=BT&format=csv&limit=1');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toContain('BT-audit.csv');
    const rows = parse(answer.text, { columns: true }) as Record<string, string>[];
    const counted = await api.pool.query("SELECT count(*)::int AS n FROM audit WHERE site = 'BT'");
    expect(rows).toHaveLength(counted.rows[0].n);
    expect(rows.length).toBeGreaterThan(100);
    expect(rows[0]).toMatchObject({ actor: "'=cmd()", entity: 'cabinet', name: 'F', after: '{"name":"G"}' });
    expect(answer.text).not.toMatch(/(^|,)"?[=+@-]/m);
  });

  it('covers every table, or says why it does not', async () => {
    const tables = await api.pool.query(
      `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    );
    const known = [...Object.keys(AUDITED_TABLES), ...Object.keys(NOT_AUDITED_TABLES)].sort();
    expect(tables.rows.map(({ name }) => name as string).sort()).toEqual(known);
    const triggers = await api.pool.query(
      `SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgfoid = 'write_audit'::regproc AND tgenabled = 'O'`,
    );
    expect(triggers.rows.map(({ name }) => name as string).sort()).toEqual(Object.keys(AUDITED_TABLES).sort());
    for (const why of Object.values(NOT_AUDITED_TABLES)) expect(why.length).toBeGreaterThan(5);
  });

  it('strikes out, or passes over, every column that sounds secret', async () => {
    const columns = await api.pool.query(
      `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name ~ 'hash|secret|password|token|target$' AND table_name = ANY ($1)
         AND column_name NOT IN ('password_is_temporary', 'password_changed_at')`,
      [Object.keys(AUDITED_TABLES)],
    );
    const triggers = await api.pool.query(
      `SELECT DISTINCT tgrelid::regclass::text AS "table", encode(tgargs, 'escape') AS args FROM pg_trigger WHERE tgfoid = 'write_audit'::regproc`,
    );
    const hidden = (table: string) =>
      triggers.rows
        .filter((row) => row.table === table)
        .flatMap(({ args }) => (args as string).split('\\000').slice(1, 3).join(',').split(','));
    expect(columns.rows.length).toBeGreaterThan(5);
    for (const { table, column } of columns.rows)
      expect([table, hidden(table)]).toEqual([table, expect.arrayContaining([column])]);
    for (const [table, secret] of Object.entries(AUDITED_TABLES))
      expect([table, hidden(table)]).toEqual([table, expect.arrayContaining([...secret])]);
  });
});
