import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lampLevelPage, lampLevelView } from '../src/lamp-levels/lamp-level.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';
import { ControlStandIn } from './support/control-stand-in.js';

const MINUTE_MS = 60_000;

/** A night of November in Botoșani: 80 % from sunset on, 40 % from 22:00. */
describe('lamp levels', () => {
  let api: ApiUnderTest;
  let control: ControlStandIn;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 6);
    control = new ControlStandIn(api);
    const at = (kind: string, time?: string) => ({ anchor: { kind, ...(time && { time }) }, offsetMinutes: 0 });
    const definition = {
      activePeriods: [{ from: at('sunset'), to: at('sunrise') }],
      switchPoints: [
        { at: at('sunset'), levelPercent: 80, fadeS: 0 },
        { at: at('clock', '22:00'), levelPercent: 40, fadeS: 0 },
      ],
      minimumLevelPercent: 0,
    };
    await api.database.query(
      `INSERT INTO control_program (id, site_id, address, name, definition) VALUES (7, 1, 'EVENING', 'Evening', $1)`,
      [JSON.stringify(definition)],
    );
    await api.database.query(
      `INSERT INTO calendar (id, site_id, address, name, rules, default_program) VALUES (9, 1, 'STREETS', 'Streets', '[]', 'EVENING')`,
    );
    // All but the last lamp.
    await api.database.query(
      `INSERT INTO calendar_assignment (site_id, target_kind, lamp_id, calendar_id)
       SELECT 1, 'lamp', id, 9 FROM lamp WHERE address < 'L-0006'`,
    );
    // 23:00 local time.
    api.nowMs = Date.parse('2026-11-24T21:00:00Z');
    await reads('L-0001', 40, 'calendar');
    await reads('L-0002', 80, 'calendar');
    await reads('L-0003', 100, 'default', { aims: 40 });
    await reads('L-0004', 40, 'calendar', { agoMin: 120 });
    await reads('L-0006', 100, 'default');
  });
  afterAll(() => api.stop());

  /** A lamp reports. */
  const reads = (lamp: string, level: number, reason: string, { aims = level, agoMin = 1 } = {}) =>
    api.database.query(
      `INSERT INTO lamp_state (lamp_id, time, received_at, light_level_percent, level_in_effect_percent, level_reason, active_power_w)
       SELECT id, $2, $2, $3, $4, $5, 20 FROM lamp WHERE address = $1
       ON CONFLICT (lamp_id) DO UPDATE SET time = excluded.time, received_at = excluded.received_at,
         light_level_percent = excluded.light_level_percent, level_in_effect_percent = excluded.level_in_effect_percent,
         level_reason = excluded.level_reason`,
      [lamp, new Date(api.nowMs - agoMin * MINUTE_MS), level, aims, reason],
    );

  const statuses = async (query = '') => {
    const page = lampLevelPage.parse((await api.get(`/sites/BT/lamp-levels${query}`)).body);
    return Object.fromEntries(page.items.map(({ lamp, status }) => [lamp, status]));
  };
  const levelOf = async (lamp: string) => lampLevelView.parse((await api.get(`/sites/BT/lamps/${lamp}/level`)).body);

  it('are what the calendar wants, what the controller aims at, and what the lamp shows', async () => {
    expect(await levelOf('L-0002')).toEqual({
      ...{ lamp: 'L-0002', device: 'L-0002', deviceOnline: null, command: null },
      commanded: {
        ...{ levelPercent: 40, reason: 'calendar', override: null, calendar: 'STREETS', program: 'EVENING', rule: -1 },
        since: '2026-11-24T20:00:00.000Z',
        until: expect.stringMatching(/^2026-11-25T05:/),
      },
      inEffect: { levelPercent: 80, reason: 'calendar', at: '2026-11-24T20:59:00.000Z', current: true },
      physical: { levelPercent: 80, activePowerW: 20, at: '2026-11-24T20:59:00.000Z', current: true },
      status: 'notApplied',
      problem: 'the controller aims at 80 % (calendar) instead of 40 %',
    });
    expect(await levelOf('L-0005')).toMatchObject({ inEffect: null, physical: null, status: 'unknown' });
    expect(await levelOf('L-0004')).toMatchObject({ physical: { current: false }, status: 'unknown' });
    expect(await levelOf('L-0006')).toMatchObject({
      commanded: { levelPercent: null, reason: 'default', since: null, calendar: null },
      status: 'unknown',
      problem: expect.stringContaining('no calendar is assigned'),
    });
  });

  it('are listed by status, page by page', async () => {
    expect(await statuses()).toEqual({
      ...{ 'L-0001': 'applied', 'L-0002': 'notApplied', 'L-0003': 'notApplied' },
      ...{ 'L-0004': 'unknown', 'L-0005': 'unknown', 'L-0006': 'unknown' },
    });
    expect(await statuses('?status=applied')).toEqual({ 'L-0001': 'applied' });
    expect(await statuses('?status=notApplied&device=L-0003')).toEqual({ 'L-0003': 'notApplied' });
    const first = (await api.get('/sites/BT/lamp-levels?status=notApplied&limit=1')).body;
    expect(first.items).toMatchObject([
      { lamp: 'L-0002', problem: 'the controller aims at 80 % (calendar) instead of 40 %' },
    ]);
    const second = (await api.get(`/sites/BT/lamp-levels?status=notApplied&limit=1&cursor=${first.nextCursor}`)).body;
    expect(second).toMatchObject({
      items: [{ lamp: 'L-0003', problem: 'the controller aims at 40 %, but the lamp shows 100 %: look at its driver' }],
      nextCursor: null,
    });
    expect((await api.get('/sites/BT/lamp-levels?status=lost')).status).toBe(400);
  });

  it('under an override are the override’s, and settle anew when it is released', async () => {
    const expiresAt = new Date(api.nowMs + 60 * MINUTE_MS).toISOString();
    const target = { kind: 'lamps', addresses: ['L-0001'] };
    const { id } = (await api.post('/sites/BT/overrides', { target, levelPercent: 100, expiresAt })).body;
    expect(await levelOf('L-0001')).toMatchObject({
      commanded: {
        ...{ levelPercent: 100, reason: 'override', since: '2026-11-24T21:00:00.000Z', until: expiresAt },
        ...{ override: { id, priority: 'manual' }, calendar: null, program: null, rule: null },
      },
      command: { state: 'queued' },
      status: 'pending',
    });
    await control.deliver();
    api.nowMs += 2 * MINUTE_MS;
    await reads('L-0001', 100, 'override', { agoMin: 0 });
    expect(await levelOf('L-0001')).toMatchObject({ status: 'applied', command: { state: 'confirmed' } });
    await api.post(`/sites/BT/overrides/${id}/release`);
    expect(await levelOf('L-0001')).toMatchObject({ status: 'pending', commanded: { levelPercent: 40 } });
    api.nowMs += 2 * MINUTE_MS;
    await reads('L-0001', 100, 'override', { agoMin: 0 });
    expect(await levelOf('L-0001')).toMatchObject({
      status: 'notApplied',
      problem: 'the controller aims at 100 % (override) instead of 40 %',
    });
    await reads('L-0001', 40, 'calendar', { agoMin: 0 });
    expect(await levelOf('L-0001')).toMatchObject({ status: 'applied' });
  });

  it('settle anew when an override ends by itself', async () => {
    const expiresAt = new Date(api.nowMs + 10 * MINUTE_MS).toISOString();
    const target = { kind: 'lamps', addresses: ['L-0001'] };
    await api.post('/sites/BT/overrides', { target, levelPercent: 100, expiresAt });
    await control.deliver();
    api.nowMs += 9 * MINUTE_MS;
    await reads('L-0001', 100, 'override', { agoMin: 0 });
    expect(await levelOf('L-0001')).toMatchObject({ status: 'applied' });
    api.nowMs += 2 * MINUTE_MS;
    expect(await levelOf('L-0001')).toMatchObject({ status: 'pending', commanded: { levelPercent: 40 } });
  });

  it('of a lamp or site that is not there are refused', async () => {
    expect((await api.get('/sites/BT/lamps/NO/level')).status).toBe(404);
    expect((await api.get('/sites/NO/lamp-levels')).status).toBe(404);
  });
});
