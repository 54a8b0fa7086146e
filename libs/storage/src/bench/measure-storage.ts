/** npm run measure:storage: how many rows a lamp makes in a year, and how many bytes a row takes in each tier on each edition. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTool } from '#libs/config';
import { reachableDirectory, startDebianPostgres } from '#libs/services';
import { writeMeasured } from '#libs/testing';
import { generateCity } from '#simulators';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { detectCapability, establishCapability, type DatabaseCapability } from '../capability.js';
import { dataSourceOptions, migrate } from '../data-source.js';
import { createPool } from '../pool.js';
import { insertCity } from './insert-city.js';
import { measureTiers, type TierFigures } from './measure-tiers.js';

const USAGE = `npm run measure:storage [-- options]: how many rows a lamp makes in a year and how many bytes a row takes in each tier, on plain
PostgreSQL, TimescaleDB Apache and, where FELINAR_TEST_COMMUNITY_DATABASE_URL names one, TimescaleDB Community before and after compression.
The readings are those of the simulated lamps, written as ingest writes them.

  --lamps N      lamps of the city (300)
  --days N       days of readings (30)
  --interval S   seconds between two readings of a lamp (900)
  --write        puts the figures into docs/operations/measured.json, which docs/operations/storage.md and docs/scaling.md are made from
                 (npm run generate)`;
const { values, whole } = readTool(USAGE, {
  lamps: { type: 'string', default: '300' },
  days: { type: 'string', default: '30' },
  interval: { type: 'string', default: '900' },
  write: { type: 'boolean', default: false },
});
const [lamps, days, intervalS] = [whole('lamps'), whole('days'), whole('interval')];
const DAY_MS = 86_400_000;
const say = (line: string) => console.log(line);
// Whole days, and lately: policies go by the database's own clock.
const toMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const run = { city: generateCity({ seed: 7, lamps }), fromMs: toMs - days * DAY_MS, toMs, intervalS, say };

const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
const work = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-measure-'));
await chmod(work, 0o711);
const postgres = await startDebianPostgres({ directory, dataDirectory: join(work, 'postgres'), progress: say });
const community = process.env['FELINAR_TEST_COMMUNITY_DATABASE_URL'];
const editions: Partial<Record<DatabaseCapability, readonly TierFigures[]>> = {};
try {
  await measure(postgres.url, false);
  await measure(postgres.url, true);
  if (community === undefined || community === '') {
    say('TimescaleDB Community is not measured: name one in FELINAR_TEST_COMMUNITY_DATABASE_URL.');
  } else await measure(community, true);
} finally {
  await postgres.stop();
  await rm(work, { recursive: true, force: true });
}
if (values.write) {
  const command = `npm run measure:storage -- --lamps ${lamps} --days ${days} --interval ${intervalS} --write`;
  writeMeasured({
    storage: { date: new Date().toISOString().slice(0, 10), command, lamps, days, intervalS, editions },
  });
  say('docs/operations/measured.json has the new figures; npm run generate puts them into the pages.');
}
// Reached when nothing else holds the process: a pool that did not close would.
process.exit(0);

async function measure(server: string, timescale: boolean): Promise<void> {
  const name = `felinar_measure_${process.pid}_${timescale ? 't' : 'p'}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    const dataSource = await new DataSource(dataSourceOptions(url.href)).initialize();
    if (timescale) await establishCapability(dataSource);
    await migrate(dataSource, { timescale });
    const capability = await detectCapability(dataSource);
    await dataSource.destroy();
    say(`\n${capability}: ${lamps} lamps, ${days} days, a reading every ${intervalS} s`);
    const pool = createPool(url.href, 2);
    try {
      await insertCity(pool, run.city);
      editions[capability] = await measureTiers(pool, capability, run);
    } finally {
      await pool.end();
    }
    console.table(
      editions[capability].map(({ bytesPerRow, ...row }) => ({
        ...row,
        ...{ 'table B/row': bytesPerRow.table, 'index B/row': bytesPerRow.indexes },
      })),
    );
  } finally {
    await onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
