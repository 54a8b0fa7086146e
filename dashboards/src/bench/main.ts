/** npm run bench:dashboards: the time of every panel's query in a city of 20,000 lamps with 30 days of hourly energy. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reporter } from '#apps/monitor';
import { readTool } from '#libs/config';
import { systemClock } from '#libs/kernel';
import { reachableDirectory, startDebianPostgres } from '#libs/services';
import { createPool, dataSourceOptions, migrate } from '#libs/storage';
import { DataSource } from 'typeorm';
import { expandQuery } from './expand-query.js';
import { fillCity } from './fill-city.js';
import { intervalOf, readDashboards, sqlOf, type SqlOfPanel } from './panel-queries.js';

const TARGET_MS = 500;
const ROUNDS = 3;
const USAGE = `npm run bench:dashboards [-- options]: the time of every panel's query, with every cabinet and group chosen. The database is the
benchmark's own. The target is half a second.

  --lamps N         lamps of the city (20000)
  --days N          days of hourly energy (30)
  --explain PANEL   shows how the database answers the queries of the panel with this title`;
const { values, whole } = readTool(USAGE, {
  lamps: { type: 'string', default: '20000' },
  days: { type: 'string', default: '30' },
  explain: { type: 'string' },
});
const [lamps, energyDays] = [whole('lamps'), whole('days')];
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
  const startedMs = performance.now();
  await fillCity(pool, {
    lamps,
    energyDays,
    readingHours: 26,
    sampleDays: 30,
  });
  say(`filled in ${seconds(startedMs)} s`);
  for (const what of ['the first, with all of the past', 'a later one']) {
    const reportMs = performance.now();
    await new Reporter(pool, systemClock).report(1);
    say(`the monitor's sums for the dashboards, ${what}: ${seconds(reportMs)} s`);
  }
  await pool.query('VACUUM ANALYZE');
  const options = {
    site: 'botosani',
    lamp: (await column('SELECT address AS value FROM lamp WHERE id = 3'))[0] ?? '',
    cabinet: await column('SELECT cabinet AS value FROM dashboard.cabinet'),
    group: await column('SELECT lamp_group AS value FROM dashboard.lamp_group'),
  };
  const queries = readDashboards(join(process.cwd(), 'dashboards', 'json')).flatMap(sqlOf);
  const results = [];
  for (const query of queries) results.push(await time(query, options));
  results.sort((a, b) => b.ms - a.ms);
  console.table(results);
  const slow = results.filter(({ ms }) => ms > TARGET_MS).length;
  say(`${results.length} queries, ${slow} of them slower than ${TARGET_MS} ms`);
  process.exitCode = slow > 0 ? 1 : 0;
} finally {
  await pool.end();
  await postgres.stop();
  await rm(work, { recursive: true, force: true });
}

/** The median of some rounds, as the dashboards' role. */
async function time(query: SqlOfPanel, variables: Record<string, string | string[]>) {
  const toMs = Date.now();
  const sql = expandQuery(query.rawSql, {
    fromMs: toMs - query.spanMs,
    toMs,
    intervalMs: intervalOf(query.spanMs),
    variables,
  });
  const client = await pool.connect();
  try {
    await client.query('SET ROLE felinar_dashboards');
    const times: number[] = [];
    let rows = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedMs = performance.now();
      rows = (await client.query(sql)).rows.length;
      times.push(performance.now() - startedMs);
    }
    if (values.explain === query.panel) {
      for (const row of (await client.query(`EXPLAIN (ANALYZE, BUFFERS) ${sql}`)).rows) say(row['QUERY PLAN']);
    }
    const ms = Math.round(times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0);
    return { dashboard: query.dashboard, panel: query.panel, ms, rows };
  } finally {
    await client.query('RESET ROLE');
    client.release();
  }
}

async function column(sql: string): Promise<string[]> {
  return (await pool.query<{ value: string }>(sql)).rows.map(({ value }) => value);
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}
