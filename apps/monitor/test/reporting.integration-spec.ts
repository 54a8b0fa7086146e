import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { co2Kg } from '#libs/energy';
import { bookEnergy, createPool, writeTelemetry, inTransaction, type Pool } from '#libs/storage';
import { FixedClock, testDatabase, type TestDatabase } from '#libs/testing';
import { Reporter } from '../src/reporting/reporter.js';

const MINUTE = 60_000;

/** Three lamps of 60 W in two cabinets, two of them in a group; what they report a test writes. */
describe.each([
  ['TimescaleDB', true],
  ['plain PostgreSQL', false],
])('sums for dashboards on %s', (_name, timescale) => {
  const clock = FixedClock.at('2026-11-25T10:00:00Z');
  let database: TestDatabase;
  let pool: Pool;
  let reporter: Reporter;

  beforeAll(async () => {
    database = await testDatabase({ timescale });
    pool = createPool(database.url, 3);
    reporter = new Reporter(pool, clock);
    await pool.query(CITY);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const rows = async (sql: string) => (await pool.query(sql)).rows;
  /** A reading of each lamp every half hour; lit in the dark, from 15:00 to 05:00 UTC. */
  const pass = async (halves: number) => {
    for (let half = 0; half < halves; half += 1) {
      clock.advance(30 * MINUTE);
      const timeMs = clock.nowMs();
      const hour = new Date(timeMs).getUTCHours();
      const lit = hour >= 15 || hour < 5;
      await inTransaction(pool, (client) =>
        writeTelemetry(
          client,
          [1, 2, 3].map((lampId) => ({
            ...{ lampId, timeMs, receivedAtMs: timeMs, lightLevelPercent: lit ? 100 : 0, activePowerW: lit ? 60 : 0 },
            ...{ activeEnergyWh: 1000 + energyAt(timeMs), operatingHours: 500 + energyAt(timeMs) / 60 },
          })),
        ),
      );
      await reporter.report(1);
    }
    for (let done = false; !done;)
      ({ done } = await bookEnergy(pool, { nowMs: clock.nowMs(), graceMs: 10 * MINUTE, portionMs: 6 * 60 * MINUTE }));
    await reporter.report(1);
  };
  /** Wh since the beginning: 60 W while lit. */
  const energyAt = (ms: number) => {
    let wh = 0;
    for (let at = Date.parse('2026-11-25T10:00:00Z'); at < ms; at += 15 * MINUTE) {
      const hour = new Date(at).getUTCHours();
      if (hour >= 15 || hour < 5) wh += 15;
    }
    return wh;
  };

  it('a night is sampled, its lights and hours are known, and its energy stands where it was drawn', async () => {
    await pass(48);
    const [night] = await rows(
      `SELECT lamps_lit, lit_from_p50, lit_until_p50, burning_h_p50, dark_h FROM dashboard.night WHERE night = '2026-11-25'`,
    );
    expect(night).toMatchObject({
      lamps_lit: 3,
      lit_from_p50: new Date('2026-11-25T15:00:00Z'),
      lit_until_p50: new Date('2026-11-26T04:30:00Z'),
    });
    expect(night.burning_h_p50).toBeCloseTo(14, 6);
    expect(await rows(`SELECT count(DISTINCT time)::int AS samples FROM dashboard.lighting`)).toEqual([
      { samples: 48 },
    ]);
    const [dark] = await rows(
      `SELECT sum(lit_lamps)::int AS lit, sum(compared_lamps)::int AS compared, sum(wanted_level_sum) AS wanted, sum(expected_power_w) AS expected, sum(power_w) AS power
       FROM dashboard.lighting WHERE time = '2026-11-25T20:00:00Z'`,
    );
    expect(dark).toEqual({ lit: 3, compared: 3, wanted: 300, expected: 180, power: 180 });
    expect(
      await rows(`SELECT cabinet, sum(energy_wh) AS wh FROM dashboard.energy_hourly GROUP BY cabinet ORDER BY cabinet`),
    ).toEqual([
      { cabinet: '(none)', wh: expect.closeTo(14 * 60, 6) },
      { cabinet: 'C1', wh: expect.closeTo(2 * 14 * 60, 6) },
    ]);
    expect(
      await rows(
        `SELECT count(*)::int AS n, sum(energy_wh) AS wh FROM dashboard.energy_hourly WHERE groups && ARRAY['park']`,
      ),
    ).toEqual([{ n: expect.any(Number), wh: expect.closeTo(2 * 14 * 60, 6) }]);
  });

  it('costs are those of the tariff bands, CO2 is that of the site, full power is that of the dark hours', async () => {
    const bands = await rows(
      `SELECT band, currency, sum(energy_wh) AS wh, sum(cost) AS cost, sum(co2_kg) AS co2, sum(full_power_wh) AS full
       FROM dashboard.energy_daily GROUP BY band, currency ORDER BY band`,
    );
    // 22:00 to 06:00 in Bucharest is 20:00 to 04:00 UTC.
    expect(bands.map(({ band, wh }) => [band, Math.round(wh)])).toEqual([
      ['base', 3 * 6 * 60],
      ['night', 3 * 8 * 60],
    ]);
    const [base, nightly] = bands;
    expect(base.cost).toBeCloseTo((base.wh / 1000) * 1, 9);
    expect(nightly.cost).toBeCloseTo((nightly.wh / 1000) * 0.5, 9);
    expect(base.co2).toBeCloseTo(co2Kg(base.wh, 300), 9);
    const [{ dark_h }] = await rows(`SELECT dark_h FROM dashboard.night WHERE night = '2026-11-25'`);
    expect(base.full + nightly.full).toBeCloseTo(3 * 60 * dark_h, 3);
  });

  it('a new tariff prices the past anew, late energy is found again, and nothing is doubled', async () => {
    await pool.query(`UPDATE tariff SET base_price_per_kwh = 3, bands = '[]'`);
    await reporter.report(1);
    await reporter.report(1);
    const [all] = await rows(`SELECT sum(energy_wh) AS wh, sum(cost) AS cost FROM dashboard.energy_daily`);
    expect(all.wh).toBeCloseTo(3 * 14 * 60, 6);
    expect(all.cost).toBeCloseTo((all.wh / 1000) * 3, 9);
    await pool.query(
      `UPDATE lamp_energy_hourly SET energy_wh = energy_wh + 100 WHERE lamp_id = 3 AND hour = '2026-11-25T20:00:00Z'`,
    );
    await reporter.report(1);
    const [later] = await rows(`SELECT sum(energy_wh) AS wh FROM dashboard.energy_daily`);
    expect(later.wh).toBeCloseTo(3 * 14 * 60 + 100, 6);
  });

  it('a lamp that moves takes its future with it and, within a month, its past', async () => {
    await pool.query('UPDATE lamp SET cabinet_id = 1 WHERE id = 3');
    clock.advance(24 * 60 * MINUTE);
    await reporter.report(1);
    expect(
      await rows(`SELECT cabinet, round(sum(energy_wh)) AS wh FROM dashboard.energy_daily GROUP BY cabinet`),
    ).toEqual([{ cabinet: 'C1', wh: 3 * 14 * 60 + 100 }]);
  });

  it('an outage makes the lamps of its cabinet unavailable, and of nobody else', async () => {
    await pool.query(`UPDATE lamp SET cabinet_id = NULL WHERE id = 3;
      INSERT INTO fault (site_id, kind, severity, subject_kind, subject, cabinet_id, phase, state, evidence, seen_at, opened_at)
      VALUES (1, 'cabinetOutage', 'critical', 'cabinet', 'cabinet:1', 1, 'open', '{}', '', now(), now())`);
    expect(await rows(`SELECT lamp FROM dashboard.lamp_now WHERE is_unavailable ORDER BY lamp`)).toEqual([
      { lamp: 'L1' },
      { lamp: 'L2' },
    ]);
  });
});

const PROGRAM = JSON.stringify({
  activePeriods: [
    { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
  ],
  switchPoints: [],
  minimumLevelPercent: 0,
});
const CITY = `
  INSERT INTO site (id, address, name, time_zone, latitude, longitude, co2_g_per_kwh) VALUES (1, 'BT', 'Botosani', 'Europe/Bucharest', 47.7486, 26.6694, 300);
  INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent) VALUES (1, 'LED', 'LED', 'LED', 60, 0, true, 10);
  INSERT INTO cabinet (id, site_id, address, name) VALUES (1, 1, 'C1', 'C1');
  INSERT INTO lamp (id, site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude) VALUES
    (1, 1, 'L1', 'L1', 1, 1, 47.7, 26.6), (2, 1, 'L2', 'L2', 1, 1, 47.7, 26.6), (3, 1, 'L3', 'L3', 1, NULL, 47.7, 26.6);
  INSERT INTO lamp_group (id, site_id, address, name) VALUES (1, 1, 'park', 'Park'), (2, 1, 'all', 'All');
  INSERT INTO lamp_group_member VALUES (1, 1), (1, 3), (2, 1);
  INSERT INTO tariff (site_id, name, valid_from, currency, base_price_per_kwh, bands) VALUES (1, 'T', '2020-01-01', 'RON', 1,
    '[{"name": "night", "weekdays": [1,2,3,4,5,6,7], "from": "22:00", "to": "06:00", "pricePerKwh": 0.5}]');
  INSERT INTO control_program (id, site_id, address, name, definition) VALUES (1, 1, 'FULL', 'FULL', '${PROGRAM}');
  INSERT INTO calendar (id, site_id, address, name, rules, default_program) VALUES (1, 1, 'CAL', 'CAL', '[]', 'FULL');
  INSERT INTO calendar_program VALUES (1, 1);
  INSERT INTO calendar_assignment (site_id, target_kind, calendar_id) VALUES (1, 'site', 1);`;
