/** npm run bench:energy: what questions about energy cost, by the tiers and by the hours of the lamps. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTool } from '#libs/config';
import { pricedHours, type TariffPrices } from '#libs/energy';
import { addDays, localDateOf, startOfLocalDate } from '#libs/kernel';
import { reachableDirectory, startDebianPostgres } from '#libs/services';
import { generateCity } from '#simulators';
import { DataSource } from 'typeorm';
import { dataSourceOptions, migrate } from '../data-source.js';
import { planOfHours } from '../energy/energy-plan.js';
import {
  EnergyRepository,
  type EnergyBucket,
  type EnergyGrouping,
  type EnergyQuery,
} from '../energy/energy.repository.js';
import { createPool, type Pool } from '../pool.js';
import { insertCity } from './insert-city.js';

/** The median of these; the hours of the lamps are asked once: they take their time. */
const ROUNDS = 3;
const USAGE = `npm run bench:energy [-- options]: what questions about energy cost in a city, by the tiers and, as far as hours of lamps are
made, by those. The database is the benchmark's own.

  --lamps N       lamps of the city (20000)
  --days N        days of energy by lamp and day (365)
  --hour-days N   of these, days by lamp and hour (28)`;
const { whole } = readTool(USAGE, {
  lamps: { type: 'string', default: '20000' },
  days: { type: 'string', default: '365' },
  'hour-days': { type: 'string', default: '28' },
});
const [lamps, days, hourDays] = [whole('lamps'), whole('days'), whole('hour-days')];
const say = (line: string) => console.log(line);
const city = generateCity({ seed: 7, lamps });
const { timeZone } = city.site;
const flat: TariffPrices = { validFrom: '2020-01-01', currency: 'RON', basePricePerKwh: 1.1, bands: [] };
const night: TariffPrices = {
  ...flat,
  bands: [{ name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', pricePerKwh: 0.7 }],
};

const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
const work = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-bench-'));
await chmod(work, 0o711);
const postgres = await startDebianPostgres({ directory, dataDirectory: join(work, 'postgres'), progress: say });
const dataSource = await new DataSource(dataSourceOptions(postgres.url)).initialize();
const pool = createPool(postgres.url, 2);
try {
  await migrate(dataSource);
  await insertCity(pool, city);
  const today = localDateOf(Date.now(), timeZone);
  await fill(pool, today);
  const repository = new EnergyRepository(dataSource);
  const rows = [];
  for (const [what, length, by, groupBy, tariff] of [
    ['site, by month', days, 'month', 'site', night],
    ['site, by day', days, 'day', 'site', night],
    ['cabinets, by month, one price', days, 'month', 'cabinet', flat],
    ['lamps, by month, one price', days, 'month', 'lamp', flat],
    ['site, by day', hourDays, 'day', 'site', night],
    ['cabinets, by day, one price', hourDays, 'day', 'cabinet', flat],
    ['cabinets, by day, night band', hourDays, 'day', 'cabinet', night],
  ] as const) {
    const query = queryOf(today, length, by, groupBy, tariff);
    const tiersMs = await median(() => repository.series(query));
    const hoursMs =
      length <= hourDays ? await median(() => repository.series(query, planOfHours(query)), 1) : undefined;
    say(
      `${what}, ${length} days: ${Math.round(tiersMs)} ms${hoursMs === undefined ? '' : `, by hours of lamps ${Math.round(hoursMs)} ms`}`,
    );
    rows.push({
      question: what,
      days: length,
      'by tiers, ms': Math.round(tiersMs),
      'by hours of lamps, ms': hoursMs === undefined ? undefined : Math.round(hoursMs),
      ratio: hoursMs === undefined ? undefined : Math.round((10 * hoursMs) / tiersMs) / 10,
    });
  }
  console.table(rows);
} finally {
  await dataSource.destroy();
  await pool.end();
  await postgres.stop();
  await rm(work, { recursive: true, force: true });
}

function queryOf(
  today: string,
  length: number,
  by: EnergyBucket,
  groupBy: EnergyGrouping,
  tariff: TariffPrices,
): EnergyQuery {
  const from = startOfLocalDate(addDays(today, -length), timeZone);
  const to = startOfLocalDate(today, timeZone);
  const prices = pricedHours([tariff], from, to, timeZone);
  return { siteId: 1, timeZone, from: new Date(from), to: new Date(to), by, groupBy, prices, limit: 1_000_000 };
}

/** Booked rows such as booking leaves them: hours of lamps for the last days, days of lamps and hours of the site for all. */
async function fill(db: Pool, today: string): Promise<void> {
  const startedMs = performance.now();
  const wh = `rated_power_w * (CASE WHEN extract(hour FROM at) BETWEEN 6 AND 15 THEN 0.01 ELSE 0.8 END) * (0.95 + lamp.id % 100 / 1000.0)`;
  // A week at a time: one statement for all would need as much room for sorting as for the rows.
  for (let first = 0; first < hourDays; first += 7) {
    const last = Math.min(first + 7, hourDays);
    await db.query(
      `INSERT INTO lamp_energy_hourly (lamp_id, hour, energy_wh)
       SELECT lamp.id, at, ${wh} FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 hour', interval '1 hour') AS at
       CROSS JOIN lamp JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id`,
      [
        new Date(startOfLocalDate(addDays(today, first - hourDays), timeZone)),
        new Date(startOfLocalDate(addDays(today, last - hourDays), timeZone)),
      ],
    );
  }
  const from = new Date(startOfLocalDate(addDays(today, -days), timeZone));
  await db.query(
    `INSERT INTO site_energy_hourly (site_id, hour, energy_wh)
     SELECT 1, at, sum(${wh}) FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 hour', interval '1 hour') AS at
     CROSS JOIN (SELECT rated_power_w, id FROM (SELECT lamp.id, rated_power_w FROM lamp JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id) AS each) AS lamp
     GROUP BY 2`,
    [from, new Date(startOfLocalDate(today, timeZone))],
  );
  await db.query(
    `INSERT INTO lamp_energy_daily (lamp_id, day, energy_wh)
     SELECT lamp.id, day::date, rated_power_w * 11.3 * (0.95 + lamp.id % 100 / 1000.0)
     FROM generate_series($1::date::timestamp, $2::date::timestamp, interval '1 day') AS day
     CROSS JOIN lamp JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id`,
    [addDays(today, -days), addDays(today, -1)],
  );
  await db.query(`UPDATE energy_booking SET booked_until = now(), fence = now()`);
  await db.query('VACUUM ANALYZE');
  say(`filled in ${Math.round((performance.now() - startedMs) / 1000)} s`);
}

async function median(work: () => Promise<unknown>, rounds = ROUNDS): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}
