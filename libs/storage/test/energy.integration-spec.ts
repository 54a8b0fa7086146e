import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { energyBetween, plausiblePowerW, priceShares, type RegisterReading } from '#libs/energy';
import { testDatabase, type TestDatabase } from '#libs/testing';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import {
  beginIngest,
  bookEnergy,
  createPool,
  dataSourceOptions,
  EnergyRepository,
  inTransaction,
  markLateReadings,
  writeTelemetry,
  type Pool,
} from '../src/index.js';

const HOUR = 3_600_000;
const RATED_W = 60;

/** Ingest's transaction, as apps/ingest does it. */
async function ingest(pool: Pool, lampId: number, readings: readonly RegisterReading[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    const fenceMs = await beginIngest(client);
    await writeTelemetry(
      client,
      readings.map(({ timeMs, activeEnergyWh }) => ({ lampId, timeMs, receivedAtMs: timeMs, activeEnergyWh })),
    );
    const late = readings.filter(({ timeMs }) => timeMs < fenceMs);
    await markLateReadings(
      client,
      late.map(() => lampId),
      late.map(({ timeMs }) => timeMs),
    );
  });
}

describe.each([
  ['TimescaleDB', true],
  ['plain PostgreSQL', false],
])('energy from registers on %s', (_name, timescale) => {
  let database: TestDatabase;
  let pool: Pool;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase({ timescale });
    pool = createPool(database.url, 4);
    dataSource = await new DataSource(dataSourceOptions(database.url)).initialize();
    await pool.query(`
      INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES
        ('botosani', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7), ('adelaide', 'Adelaide', 'Australia/Adelaide', -34.9, 138.6);
      INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
        VALUES ('LED-60', 'LED 60 W', 'LED', ${RATED_W}, 0.4, true, 10);
      INSERT INTO cabinet (site_id, address, name) VALUES (1, 'CAB-01', 'Cabinet 1');
      INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude) VALUES
        (1, 'BT-1', 'BT-1', 1, 1, 47.7, 26.7), (1, 'BT-2', 'BT-2', 1, NULL, 47.7, 26.7), (2, 'AD-1', 'AD-1', 1, NULL, -34.9, 138.6);
      INSERT INTO lamp_group (site_id, address, name) VALUES (1, 'all', 'All');
      INSERT INTO lamp_group_member SELECT 1, id FROM lamp WHERE site_id = 1;
    `);
  });

  beforeEach(async () => {
    await pool.query(`
      TRUNCATE telemetry, lamp_state, lamp_energy_hourly, lamp_energy_daily, site_energy_hourly, lamp_register, energy_late;
      UPDATE energy_booking SET booked_until = '-infinity', fence = '-infinity'`);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await pool.end();
    await database.drop();
  });

  const hourlyOf = async (lampId: number) => {
    const found = await pool.query<{ hour: Date; wh: number }>(
      'SELECT hour, energy_wh AS wh FROM energy_hourly WHERE lamp_id = $1 ORDER BY hour',
      [lampId],
    );
    return found.rows;
  };

  /** Every hour of the view against the pure rule, and the sum against the whole. */
  async function expectExact(lampId: number, readings: readonly RegisterReading[]) {
    const sorted = [...new Map(readings.map((each) => [each.timeMs, each])).values()].sort(
      (a, b) => a.timeMs - b.timeMs,
    );
    const plausibleW = plausiblePowerW(RATED_W);
    const hours = await hourlyOf(lampId);
    for (const { hour, wh } of hours) {
      expect(wh).toBeCloseTo(energyBetween(sorted, hour.getTime(), hour.getTime() + HOUR, plausibleW), 6);
    }
    const total = energyBetween(sorted, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, plausibleW);
    expect(hours.reduce((sum, { wh }) => sum + wh, 0)).toBeCloseTo(total, 6);
  }

  /** Days of lamps and hours of sites are the sums of the hours of lamps, row by row, on the calendar of each site. */
  async function expectTiersLikeHours() {
    const differing = await pool.query(`
      SELECT * FROM (
        SELECT lamp_id, (hour AT TIME ZONE rule.time_zone)::date AS day, sum(energy_wh) AS wh
        FROM energy_hourly JOIN lamp_energy_rule AS rule USING (lamp_id) GROUP BY 1, 2
      ) AS expected FULL JOIN energy_daily AS daily USING (lamp_id, day)
      WHERE (abs(expected.wh - daily.energy_wh) < 1e-6) IS NOT TRUE`);
    expect(differing.rows).toEqual([]);
    const ofSites = await pool.query(`
      SELECT * FROM (
        SELECT site_id, hour, sum(energy_wh) AS wh FROM energy_hourly JOIN lamp_energy_rule USING (lamp_id) GROUP BY 1, 2
      ) AS expected FULL JOIN (SELECT site_id, hour, sum(energy_wh) AS wh FROM site_energy_part GROUP BY 1, 2) AS tier USING (site_id, hour)
      WHERE (abs(expected.wh - tier.wh) < 1e-6) IS NOT TRUE`);
    expect(ofSites.rows).toEqual([]);
  }

  /** Steps of minutes and register changes: growth, coarse jumps, resets, replacements, glitches. */
  const history = fc
    .array(
      fc.record({
        minutes: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 60, max: 3000 })),
        change: fc.oneof(
          { weight: 6, arbitrary: fc.double({ min: 0, max: 100, noNaN: true }).map((grow) => ({ grow })) },
          { weight: 1, arbitrary: fc.constantFrom(0, 3, 900, 50_000, 5_000_000).map((set) => ({ set })) },
        ),
      }),
      { minLength: 2, maxLength: 25 },
    )
    .map((steps) => {
      let timeMs = Date.parse('2026-10-24T10:17:00Z');
      let activeEnergyWh = 1000;
      return steps.map(({ minutes, change }) => {
        timeMs += minutes * 60_000;
        activeEnergyWh = 'set' in change ? change.set : activeEnergyWh + change.grow;
        return { timeMs, activeEnergyWh };
      });
    });

  it('equals the pure rule whatever the history, the order of arrival, the batches and the moments of booking', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.nat(), { minLength: 25, maxLength: 25 }),
        fc.array(fc.constantFrom('ingest', 'book', 'crash'), { minLength: 8, maxLength: 8 }),
        async (readings, order, actions) => {
          await pool.query(`
            TRUNCATE telemetry, lamp_state, lamp_energy_hourly, lamp_energy_daily, site_energy_hourly, lamp_register, energy_late;
            UPDATE energy_booking SET booked_until = '-infinity', fence = '-infinity'`);
          const arriving = readings
            .map((reading, index) => ({ reading, rank: order[index] ?? 0 }))
            .sort((a, b) => a.rank - b.rank);
          const nowMs = (readings.at(-1)?.timeMs ?? 0) - HOUR;
          const batch = Math.max(1, Math.ceil(arriving.length / 4));
          const there: RegisterReading[] = [];
          for (const action of [...actions, 'ingest', 'ingest', 'ingest', 'ingest']) {
            if (action === 'ingest') {
              const next = arriving.splice(0, batch).map(({ reading }) => reading);
              // The last one comes twice.
              await ingest(pool, 1, [...next, ...there.slice(-1)]);
              there.push(...next);
            } else if (action === 'book') {
              await bookAll(nowMs);
              await expectExact(1, there);
            } else {
              await crashWhileBooking(nowMs);
            }
          }
          await bookAll(nowMs);
          await expectExact(1, readings);
          await expectTiersLikeHours();
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  async function bookAll(nowMs: number) {
    for (let step = 0; step < 1000; step += 1) {
      if ((await bookEnergy(pool, { nowMs, graceMs: 600_000, portionMs: 12 * HOUR })).done) return;
    }
    throw new Error('booking does not come to an end');
  }

  /** The process dies after the fence has been moved, before anything is booked. */
  async function crashWhileBooking(nowMs: number) {
    await pool.query(
      `UPDATE energy_booking SET fence = greatest(booked_until, to_timestamp($1::float8 / 1000.0)) WHERE fence = booked_until`,
      [nowMs - 600_000],
    );
  }

  it('is exact in the view before anything is booked, and no different afterwards', async () => {
    const start = Date.parse('2026-10-24T10:17:00Z');
    const readings = Array.from({ length: 50 }, (_, n) => ({
      timeMs: start + n * 900_000,
      activeEnergyWh: 5000 + n * 12.5,
    }));
    await ingest(pool, 1, readings);
    await expectExact(1, readings);
    await expectTiersLikeHours();
    const before = await hourlyOf(1);
    await bookAll(start + 100 * HOUR);
    const after = await hourlyOf(1);
    expect(after.map(({ hour }) => hour)).toEqual(before.map(({ hour }) => hour));
    after.forEach(({ wh }, index) => expect(wh).toBeCloseTo(before[index]?.wh ?? Number.NaN, 9));
    expect((await pool.query('SELECT count(*)::int AS n FROM lamp_energy_hourly')).rows[0]).toEqual({
      n: after.length,
    });
  });

  it('gives the day on which the clock goes back 25 hours, and the one on which it goes forward 23', async () => {
    const repository = new EnergyRepository(dataSource);
    for (const [from, to, hours] of [
      ['2026-10-24T21:00:00Z', '2026-10-25T22:00:00Z', 25],
      ['2026-03-28T22:00:00Z', '2026-03-29T21:00:00Z', 23],
    ] as const) {
      const start = Date.parse(from);
      const readings = Array.from({ length: hours + 3 }, (_, n) => ({
        timeMs: start + (n - 1) * HOUR,
        activeEnergyWh: 50_000 + n * 10,
      }));
      await ingest(pool, 1, readings);
      const rows = await repository.series({
        siteId: 1,
        timeZone: 'Europe/Bucharest',
        from: new Date(from),
        to: new Date(to),
        by: 'day',
        groupBy: 'site',
        prices: [],
        limit: 10,
      });
      expect(rows).toEqual([
        {
          key: 'botosani',
          start: new Date(from),
          hours,
          band: null,
          currency: null,
          energyWh: expect.closeTo(hours * 10, 6),
          cost: null,
        },
      ]);
      const daily = await pool.query(
        'SELECT day::text, energy_wh FROM energy_daily WHERE lamp_id = 1 ORDER BY energy_wh DESC LIMIT 1',
      );
      expect(daily.rows[0]).toMatchObject({ energy_wh: expect.closeTo(hours * 10, 6) });
      await bookAll(start + 1000 * HOUR);
      await expectTiersLikeHours();
      await pool.query(`
        TRUNCATE telemetry, lamp_energy_hourly, lamp_energy_daily, site_energy_hourly, lamp_register;
        UPDATE energy_booking SET booked_until = '-infinity', fence = '-infinity'`);
    }
  });

  it('keeps to local hours where they begin at half past', async () => {
    const start = Date.parse('2026-06-01T00:00:00Z');
    await ingest(pool, 3, [
      { timeMs: start, activeEnergyWh: 0 },
      { timeMs: start + HOUR, activeEnergyWh: 60 },
    ]);
    const hours = await hourlyOf(3);
    expect(hours.map(({ hour }) => hour.toISOString())).toEqual([
      '2026-05-31T23:30:00.000Z',
      '2026-06-01T00:30:00.000Z',
    ]);
    expect(hours.map(({ wh }) => wh)).toEqual([expect.closeTo(30, 9), expect.closeTo(30, 9)]);
  });

  it('sums by cabinet, group and lamp, and prices each hour by its band', async () => {
    const start = Date.parse('2026-06-01T18:00:00Z');
    for (const lampId of [1, 2]) {
      await ingest(
        pool,
        lampId,
        Array.from({ length: 5 }, (_, n) => ({ timeMs: start + n * HOUR, activeEnergyWh: n * 100 * lampId })),
      );
    }
    const tariff = {
      validFrom: '2026-01-01',
      currency: 'EUR',
      basePricePerKwh: 0.2,
      bands: [{ name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:30', to: '06:00', pricePerKwh: 0.1 }],
    };
    const zone = 'Europe/Bucharest';
    const prices = [0, 1, 2, 3].flatMap((n) =>
      priceShares([tariff], start + n * HOUR, start + (n + 1) * HOUR, zone).map((share) => ({
        hourMs: start + n * HOUR,
        ...share,
      })),
    );
    const query = {
      siteId: 1,
      timeZone: 'Europe/Bucharest',
      from: new Date(start),
      to: new Date(start + 4 * HOUR),
      by: 'day' as const,
      limit: 100,
    };
    const repository = new EnergyRepository(dataSource);
    const bySite = await repository.series({ ...query, groupBy: 'site', prices });
    // 21:00 to 01:00 local: 1.5 h at the base price, 2.5 h at night, over two local days.
    expect(bySite.map(({ band, energyWh }) => [band, Math.round(energyWh)])).toEqual([
      ['base', 450],
      ['night', 450],
      ['night', 300],
    ]);
    expect(bySite.reduce((sum, { cost }) => sum + (cost ?? 0), 0)).toBeCloseTo(0.45 * 0.2 + 0.75 * 0.1, 9);
    const keys = async (groupBy: 'cabinet' | 'group' | 'lamp') =>
      (await repository.series({ ...query, by: 'month', groupBy, prices: [] })).map(({ key, energyWh }) => [
        key,
        Math.round(energyWh),
      ]);
    expect(await keys('cabinet')).toEqual([
      ['CAB-01', 400],
      [null, 800],
    ]);
    expect(await keys('group')).toEqual([['all', 1200]]);
    expect(await keys('lamp')).toEqual([
      ['BT-1', 400],
      ['BT-2', 800],
    ]);
    expect(await repository.series({ ...query, by: 'hour', groupBy: 'lamp', lampId: 2, prices: [] })).toHaveLength(4);
  });

  it('has hours of one hour in a day of 25', async () => {
    // Clocks go back from 04:00 to 03:00 at 01:00 UTC: 03:00 comes twice.
    const start = Date.parse('2026-10-24T23:00:00Z');
    await ingest(
      pool,
      1,
      Array.from({ length: 6 }, (_, n) => ({ timeMs: start + n * HOUR, activeEnergyWh: n * 60 })),
    );
    const query = {
      ...{ siteId: 1, timeZone: 'Europe/Bucharest', groupBy: 'site' as const, prices: [], limit: 100 },
      ...{ from: new Date(start), to: new Date(start + 5 * HOUR) },
    };
    const repository = new EnergyRepository(dataSource);
    const byHour = await repository.series({ ...query, by: 'hour' });
    expect(byHour.map(({ hours, energyWh }) => [hours, Math.round(energyWh)])).toEqual(Array(5).fill([1, 60]));
    expect((await repository.series({ ...query, by: 'day' })).map(({ hours }) => hours)).toEqual([25]);
  });
});
