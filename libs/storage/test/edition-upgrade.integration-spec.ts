/**
 * A database that begins without TimescaleDB, or with its Apache edition, and comes to the Community edition later: what it holds stays, row by
 * row, and is compressed from then on. docs/operations/upgrades.md says how it is done. Needs FELINAR_TEST_COMMUNITY_DATABASE_URL.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databasesByCapability, emptyDatabase, waitFor } from '#libs/testing';
import { DataSource } from 'typeorm';
import {
  applyTiers,
  beginIngest,
  bookEnergy,
  createPool,
  dataSourceOptions,
  detectCapability,
  enforceRetention,
  inTransaction,
  migrate,
  writeTelemetry,
  type Pool,
} from '../src/index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Math.floor(Date.now() / DAY) * DAY;
const community = (await databasesByCapability()).get('timescale-community')?.server;

// Skipped where no Community server is named in FELINAR_TEST_COMMUNITY_DATABASE_URL.
const describeWithCommunity = community === undefined ? describe.skip : describe;

describeWithCommunity.each(['postgres', 'timescale-apache'] as const)('from %s to Community', (before) => {
  let url: string;
  let drop: () => Promise<void>;
  let pool: Pool;

  beforeAll(async () => {
    ({ url, drop } = await emptyDatabase(community));
    if (before === 'timescale-apache') await setLicence('apache');
    await start(before !== 'postgres');
    pool = createPool(url, 3);
    await pool.query(`
      INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('BT', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7);
      INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
        VALUES ('LED', 'LED', 'LED', 60, 0.4, true, 10);
      INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude)
        SELECT 1, 'L-' || n, 'L-' || n, 1, 47.7, 26.7 FROM generate_series(1, 4) AS n;`);
  }, 120_000);

  afterAll(async () => {
    if (before === 'timescale-apache') await setLicence('timescale');
    await pool.end();
    await drop();
  });

  /** Of the whole server, as another build of the extension would be; nothing else uses it meanwhile. */
  async function setLicence(name: 'apache' | 'timescale'): Promise<void> {
    // A connection that has the extension loaded: without it the setting is not known.
    const admin = createPool(url, 1);
    await admin.query('CREATE EXTENSION IF NOT EXISTS timescaledb');
    await admin.query(`SELECT time_bucket('1 hour', now())`);
    await admin.query(`ALTER SYSTEM SET timescaledb.license = '${name}'`);
    await admin.query('SELECT pg_reload_conf()');
    await admin.end();
    await waitFor('the licence to hold', async () => (await licence()) === name);
  }

  async function licence(): Promise<string | undefined> {
    const fresh = createPool(url, 1);
    await fresh.query(`SELECT time_bucket('1 hour', now())`);
    const found = await fresh.query<{ name: string }>(`SELECT current_setting('timescaledb.license', true) AS name`);
    await fresh.end();
    return found.rows[0]?.name;
  }

  /** As every process does at its start. */
  async function start(timescale: boolean): Promise<void> {
    const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
    await migrate(dataSource, { timescale });
    await dataSource.destroy();
  }

  const capability = () => detectCapability({ query: async (sql) => (await pool.query(sql)).rows });

  async function ingest(fromMs: number, toMs: number): Promise<void> {
    const rows = [1, 2, 3, 4].flatMap((lampId) =>
      Array.from({ length: Math.floor((toMs - fromMs) / (HOUR / 2)) }, (_, n) => {
        const timeMs = fromMs + n * (HOUR / 2);
        return {
          ...{ lampId, timeMs, receivedAtMs: timeMs, activePowerW: 20 + (n % 7) + lampId, temperatureC: n % 30 },
          activeEnergyWh: ((timeMs - (NOW - 400 * DAY)) / HOUR) * (10 + lampId),
        };
      }),
    );
    await inTransaction(pool, async (client) => {
      await beginIngest(client);
      await writeTelemetry(client, rows);
    });
  }

  async function book(): Promise<void> {
    while (!(await bookEnergy(pool, { nowMs: NOW, graceMs: 600_000, portionMs: 400 * DAY })).done);
  }

  /** What people read. */
  async function answers(): Promise<Record<string, unknown[]>> {
    const read = async (sql: string) =>
      (await pool.query<Record<string, unknown>>(sql)).rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [
            key,
            typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value,
          ]),
        ),
      );
    return {
      readings: await read('SELECT * FROM telemetry ORDER BY lamp_id, time'),
      hours: await read('SELECT * FROM energy_hourly ORDER BY lamp_id, hour'),
      days: await read('SELECT lamp_id, day::text, energy_wh FROM energy_daily ORDER BY lamp_id, day'),
      measures: await read('SELECT * FROM telemetry_hourly ORDER BY lamp_id, hour'),
      measuresByDay: await read('SELECT * FROM telemetry_daily ORDER BY lamp_id, utc_day'),
      states: await read('SELECT * FROM lamp_state ORDER BY lamp_id'),
    };
  }

  it('keeps every row and every answer, gains compression, and goes on', async () => {
    await ingest(NOW - 60 * DAY, NOW - 57 * DAY);
    await ingest(NOW - 50 * DAY, NOW - 47 * DAY);
    await ingest(NOW - 20 * DAY, NOW - 17 * DAY);
    await book();
    expect(await capability()).toBe(before);
    await applyTiers(pool, { compressAfterDays: 7, policies: true });
    // Some readings are dropped already, and their averages kept.
    const options = {
      nowMs: NOW,
      keep: { readingsDays: 55, hourlyDays: 0, dailyDays: 0 },
      batchRows: 10_000,
      maxBatches: 50,
      maxDays: 90,
    };
    while (!(await enforceRetention(pool, before, options)).done);
    const known = await answers();
    expect(known['readings']).toHaveLength(4 * 48 * 6);
    expect(known['measures']).toHaveLength(4 * 24 * 9);

    // The server gets the Community edition; Felinar's processes start again.
    if (before === 'timescale-apache') await setLicence('timescale');
    await pool.end();
    pool = createPool(url, 3);
    await start(true);
    expect(await capability()).toBe('timescale-community');
    const { changes } = await applyTiers(pool, { compressAfterDays: 7, policies: true });
    expect(changes).toEqual(expect.arrayContaining([expect.stringContaining('telemetry is compressed after 7 days')]));
    expect(await answers()).toEqual(known);
    // A second start has nothing to do.
    expect((await applyTiers(pool, { compressAfterDays: 7, policies: true })).changes).toEqual([]);

    const jobs = await pool.query<{ id: number }>(
      `SELECT job_id AS id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression' AND hypertable_name = 'telemetry'`,
    );
    expect(jobs.rows).toHaveLength(1);
    await pool.query('CALL run_job($1)', [jobs.rows[0]?.id]);
    const compressed = await pool.query(
      `SELECT count(*)::int AS n FROM timescaledb_information.chunks WHERE hypertable_name = 'telemetry' AND is_compressed`,
    );
    expect((compressed.rows[0] as { n: number }).n).toBeGreaterThan(2);
    expect(await answers()).toEqual(known);

    // New readings, late ones among them, and the retention of chunks instead of rows.
    await ingest(NOW - 2 * DAY, NOW - DAY);
    await book();
    const later = await answers();
    expect(later['readings']).toHaveLength(4 * 48 * 7);
    const sooner = { ...options, keep: { ...options.keep, readingsDays: 40 } };
    while (!(await enforceRetention(pool, 'timescale-community', sooner)).done);
    const { readings, ...rest } = await answers();
    expect(readings).toHaveLength(4 * 48 * 4);
    const { readings: _all, ...expected } = later;
    expect(rest).toEqual(expected);
  }, 240_000);
});
