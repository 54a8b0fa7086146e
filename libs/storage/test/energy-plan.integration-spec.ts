/** The same questions to the tiers and to the hours of the lamps: the same answers, booked or live, late or not, on days that are priced in one way or several. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pricedHours, type TariffPrices } from '#libs/energy';
import { testDatabase, type TestDatabase } from '#libs/testing';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import {
  beginIngest,
  bookEnergy,
  createPool,
  dataSourceOptions,
  EnergyRepository,
  enforceRetention,
  inTransaction,
  markLateReadings,
  planEnergy,
  planOfHours,
  writeTelemetry,
  type EnergyQuery,
  type Pool,
} from '../src/index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONE = 'Europe/Bucharest';
// With the night on which the clock goes back.
const START = Date.parse('2026-10-20T21:00:00Z');
const DAYS = 10;
const LAMPS = 6;

const flat: TariffPrices = { validFrom: '2020-01-01', currency: 'RON', basePricePerKwh: 1.1, bands: [] };
const dearer: TariffPrices = { ...flat, validFrom: '2026-10-24', basePricePerKwh: 1.3 };
const night: TariffPrices = {
  ...flat,
  bands: [{ name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:30', to: '06:00', pricePerKwh: 0.7 }],
};
const TARIFFS: Record<string, readonly TariffPrices[]> = { none: [], flat: [flat, dearer], night: [night] };

describe.each([
  ['TimescaleDB', true],
  ['plain PostgreSQL', false],
])('energy by tiers on %s', (_name, timescale) => {
  let database: TestDatabase;
  let pool: Pool;
  let dataSource: DataSource;
  let repository: EnergyRepository;

  beforeAll(async () => {
    database = await testDatabase({ timescale });
    pool = createPool(database.url, 4);
    dataSource = await new DataSource(dataSourceOptions(database.url)).initialize();
    repository = new EnergyRepository(dataSource);
    await pool.query(`
      INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('botosani', 'Botoșani', '${ZONE}', 47.7, 26.7);
      INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
        VALUES ('LED-60', 'LED 60 W', 'LED', 60, 0.4, true, 10);
      INSERT INTO cabinet (site_id, address, name) VALUES (1, 'CAB-01', 'Cabinet 1'), (1, 'CAB-02', 'Cabinet 2');
      INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude)
        SELECT 1, 'BT-' || n, 'BT-' || n, 1, nullif(n % 3, 0), 47.7, 26.7 FROM generate_series(1, ${LAMPS}) AS n;
      INSERT INTO lamp_group (site_id, address, name) VALUES (1, 'odd', 'Odd'), (1, 'all', 'All');
      INSERT INTO lamp_group_member SELECT 1, id FROM lamp WHERE id % 2 = 1;
      INSERT INTO lamp_group_member SELECT 2, id FROM lamp;`);
    // Some days are booked, the newest are live; a few readings came when their time had been booked, and some of these wait still.
    const readings = Array.from({ length: LAMPS }, (_, lamp) => lamp + 1).flatMap((lampId) =>
      Array.from({ length: (DAYS * DAY) / (HOUR / 2) }, (_, n) => ({
        ...{ lampId, timeMs: START + n * (HOUR / 2) + lampId * 61_000, receivedAtMs: START },
        activeEnergyWh: 1000 * lampId + n * (7 + lampId / 10) + (n % 5),
      })),
    );
    const isLate = (index: number) => index % 37 === 5;
    const nowMs = START + 8 * DAY + 5 * HOUR;
    await ingest(readings.filter((_, index) => !isLate(index)));
    await book(nowMs);
    await ingest(readings.filter((_, index) => isLate(index) && index % 2 === 0));
    await book(nowMs);
    await ingest(readings.filter((_, index) => isLate(index) && index % 2 === 1));
    await pool.query(`UPDATE lamp SET removed_at = now() WHERE id = 4`);
  }, 60_000);

  afterAll(async () => {
    await dataSource.destroy();
    await pool.end();
    await database.drop();
  });

  async function ingest(
    rows: readonly { lampId: number; timeMs: number; receivedAtMs: number; activeEnergyWh: number }[],
  ) {
    await inTransaction(pool, async (client) => {
      const fenceMs = await beginIngest(client);
      await writeTelemetry(client, rows);
      const late = rows.filter(({ timeMs }) => timeMs < fenceMs);
      await markLateReadings(
        client,
        late.map(({ lampId }) => lampId),
        late.map(({ timeMs }) => timeMs),
      );
    });
  }

  async function book(nowMs: number) {
    while (!(await bookEnergy(pool, { nowMs, graceMs: 600_000, portionMs: 12 * HOUR })).done);
  }

  const question = fc.record({
    // Local midnights among them; the 25th has 25 hours.
    fromH: fc.oneof(fc.integer({ min: -10, max: DAYS * 24 }), fc.constantFrom(-24, 0, 24, 72, 121)),
    lengthH: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(24, 48, 49, 72, 7 * 24 + 1, 12 * 24)),
    by: fc.constantFrom('hour' as const, 'day' as const, 'month' as const),
    groupBy: fc.constantFrom('site' as const, 'cabinet' as const, 'group' as const, 'lamp' as const),
    filter: fc.constantFrom({}, {}, { cabinetId: 1 }, { groupId: 1 }, { lampId: 4 }),
    tariff: fc.constantFrom('none', 'flat', 'night'),
  });
  type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

  function queryOf({ fromH, lengthH, by, groupBy, filter, tariff }: Question): EnergyQuery {
    const [from, to] = [START + fromH * HOUR, START + (fromH + lengthH) * HOUR];
    const prices = pricedHours(TARIFFS[tariff] ?? [], from, to, ZONE);
    return {
      siteId: 1,
      timeZone: ZONE,
      from: new Date(from),
      to: new Date(to),
      by,
      groupBy,
      ...filter,
      prices,
      limit: 100_000,
    };
  }

  const comparable = (rows: Awaited<ReturnType<EnergyRepository['series']>>) =>
    rows.map(({ energyWh, cost, ...row }) => ({
      ...row,
      energyWh: expect.closeTo(energyWh, 6) as unknown,
      cost: cost === null ? null : (expect.closeTo(cost, 9) as unknown),
    }));

  it('answers like the hours of the lamps, whatever is asked', async () => {
    const tiers = new Set<string>();
    await fc.assert(
      fc.asyncProperty(question, async (asked) => {
        const query = queryOf(asked);
        const plan = planEnergy(query, Number.NEGATIVE_INFINITY);
        tiers.add(`${plan.hoursOf} ${plan.days.length > 0 ? 'days' : 'hours'} ${plan.hours.length}`);
        const byHours = await repository.series(query, planOfHours(query));
        expect(await repository.series(query)).toEqual(comparable(byHours));
      }),
      { numRuns: 150 },
    );
    // All ways have been gone: days alone, with the beginning, the end or both of the period by the hour.
    expect([...tiers].sort()).toEqual(
      expect.arrayContaining(['lamps days 0', 'lamps days 1', 'lamps days 2', 'lamps hours 1', 'site hours 1']),
    );
  }, 120_000);

  it('knows the energy of days whose hours are not kept, and their cost where one price held all day', async () => {
    const asked = { fromH: 0, lengthH: DAYS * 24 + 1, by: 'month', groupBy: 'cabinet', filter: {} } as const;
    await book(START + (DAYS + 1) * DAY);
    const [plain, flatPriced, banded] = await Promise.all(
      (['none', 'flat', 'night'] as const).map((tariff) => repository.series(queryOf({ ...asked, tariff }))),
    );
    const keep = { readingsDays: 2, hourlyDays: 4, dailyDays: 0 };
    const options = { nowMs: START + DAYS * DAY, keep, batchRows: 10_000, maxBatches: 100, maxDays: 30 };
    while (!(await enforceRetention(pool, database.capability, options)).done);
    expect(await repository.series(queryOf({ ...asked, tariff: 'none' }))).toEqual(comparable(plain ?? []));
    expect(await repository.series(queryOf({ ...asked, tariff: 'flat' }))).toEqual(comparable(flatPriced ?? []));
    const now = await repository.series(queryOf({ ...asked, tariff: 'night' }));
    const sum = (rows: typeof now) => rows.reduce((all, { energyWh }) => all + energyWh, 0);
    expect(sum(now)).toBeCloseTo(sum(banded ?? []), 6);
    const unpriced = now.filter(({ band }) => band === null);
    expect(unpriced).not.toHaveLength(0);
    expect(unpriced.every(({ cost }) => cost === null)).toBe(true);
    // The site has its hours for as long as days are kept, and with them its cost.
    const site = await repository.series(queryOf({ ...asked, groupBy: 'site', tariff: 'night' }));
    expect(site.map(({ band }) => band)).toEqual(['base', 'night']);
  }, 60_000);
});
