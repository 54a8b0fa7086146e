/** npm run bench:detection: one look of the monitor at a city whose lamps have all just reported, beside a plain SELECT of the same rows. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTool } from '#libs/config';
import { systemClock } from '#libs/kernel';
import { reachableDirectory, startDebianPostgres } from '#libs/services';
import {
  createPool,
  dataSourceOptions,
  migrate,
  readSiteSchedules,
  readWatchedLamps,
  sitePrograms,
  unjudgedLampIds,
  type Pool,
} from '#libs/storage';
import { DataSource } from 'typeorm';
import { Detector } from '../detection/detector.js';

const USAGE = `npm run bench:detection [-- options]: one look of the monitor at a city of lamps that have all just reported, beside a plain
SELECT of the same rows in the same run. The database is the benchmark's own.

  --lamps N   lamps of the city (100000)`;
const lamps = readTool(USAGE, { lamps: { type: 'string', default: '100000' } }).whole('lamps');
const PAGE = 5_000;
/** Lit from sunset to sunrise, for all lamps. */
const PROGRAM = {
  activePeriods: [
    { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
  ],
  switchPoints: [],
  minimumLevelPercent: 10,
};
const say = (line: string) => console.log(line);
const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
const work = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-bench-'));
await chmod(work, 0o711);
const postgres = await startDebianPostgres({ directory, dataDirectory: join(work, 'postgres'), progress: say });
const dataSource = await new DataSource(dataSourceOptions(postgres.url)).initialize();
await migrate(dataSource);
await dataSource.destroy();
const pool = createPool(postgres.url, 4);
try {
  await fill(pool);
  const results = [];
  for (const round of ['first look, nothing known', 'later look, every lamp has reported']) {
    await report(pool);
    const selectS = await timed(() => selectAll(pool));
    const heapBefore = process.memoryUsage().heapUsed;
    let judged = 0;
    const lookS = await timed(async () => {
      ({ judged } = await new Detector(pool, systemClock).look(1));
    });
    results.push({
      round,
      lamps: judged,
      'look, s': lookS.toFixed(2),
      'plain SELECT, s': selectS.toFixed(2),
      ratio: (lookS / selectS).toFixed(1),
      'heap grown, MB': Math.round((process.memoryUsage().heapUsed - heapBefore) / 2 ** 20),
    });
  }
  console.table(results);
  const { rows } = await pool.query('SELECT count(*)::int AS n FROM fault');
  say(`faults: ${rows[0].n} (lamps of the benchmark are healthy)`);
} finally {
  await pool.end();
  await postgres.stop();
  await rm(work, { recursive: true, force: true });
}

async function timed(action: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await action();
  return (performance.now() - startedMs) / 1000;
}

/** The rows that a look reads, and nothing else. */
async function selectAll(from: Pool): Promise<void> {
  const ids = await unjudgedLampIds(from, 1);
  for (let first = 0; first < ids.length; first += PAGE) await readWatchedLamps(from, ids.slice(first, first + PAGE));
}

/** Every lamp has a new, healthy reading: it does what its program wants. */
async function report(into: Pool): Promise<void> {
  const schedules = await readSiteSchedules(into, 1);
  const level = schedules === undefined ? 0 : sitePrograms(schedules).levelAt(1, 0, systemClock.nowMs()).levelPercent;
  const powerW = level === 0 ? 0.5 : (50 * level) / 100;
  await into.query(`
    INSERT INTO lamp_state (lamp_id, time, received_at, light_level_percent, level_in_effect_percent, level_reason, active_power_w,
      supply_voltage_v, supply_current_a, power_factor, temperature_c, switch_on_count)
    SELECT id, now(), now(), ${level}, ${level}, 'calendar', ${powerW}, 230, ${powerW} / (230 * 0.95), 0.95, 30, 100 FROM lamp
    ON CONFLICT (lamp_id) DO UPDATE SET time = excluded.time, received_at = excluded.received_at`);
  await into.query(
    `INSERT INTO ingest_presence VALUES ('bench', now(), now()) ON CONFLICT (consumer) DO UPDATE SET connected_until = now()`,
  );
  await into.query('VACUUM ANALYZE');
}

async function fill(into: Pool): Promise<void> {
  await into.query(`
    INSERT INTO site (id, address, name, time_zone, latitude, longitude) VALUES (1, 'B', 'B', 'Europe/Bucharest', 47.7, 26.6);
    INSERT INTO lamp_type (id, code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES (1, 'LED', 'LED', 'LED', 50, 0.5, true, 10);
    INSERT INTO cabinet (id, site_id, address, name) SELECT n, 1, 'C' || n, 'C' || n FROM generate_series(1, ${Math.ceil(lamps / 40)}) AS n;
    INSERT INTO lamp (id, site_id, address, device, lamp_type_id, cabinet_id, circuit, latitude, longitude)
      SELECT n, 1, 'L' || n, 'D' || n / 10, 1, (n - 1) / 40 + 1, 'C1', 47.7, 26.6 FROM generate_series(1, ${lamps}) AS n;
    INSERT INTO device (site_id, address, online, status_at, reporting_interval_s) SELECT DISTINCT 1, device, true, now(), 300 FROM lamp;
    INSERT INTO control_program (id, site_id, address, name, definition) VALUES (1, 1, 'FULL', 'Full light', '${JSON.stringify(PROGRAM)}');
    INSERT INTO calendar (id, site_id, address, name, rules, default_program) VALUES (1, 1, 'CITY', 'City', '[]', 'FULL');
    INSERT INTO calendar_program VALUES (1, 1);
    INSERT INTO calendar_assignment (site_id, target_kind, calendar_id) VALUES (1, 'site', 1);`);
}
