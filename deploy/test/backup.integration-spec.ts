import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Reporter } from '#apps/monitor';
import { systemClock } from '#libs/kernel';
import { debianPackages, startDebianPostgres, type RunningPostgres } from '#libs/services';
import {
  applyTiers,
  createDeviceCredentials,
  createPool,
  dataSourceOptions,
  detectCapability,
  migrate,
} from '#libs/storage';
import {
  databasesByCapability,
  emptyDatabase,
  TEST_SERVICES_DIRECTORY,
  testDatabase,
  testVariable,
  type TestDatabase,
} from '#libs/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { DashboardsRole } from '../../dashboards/test/support/dashboards-role.js';
import { fillCity } from '../../dashboards/src/bench/fill-city.js';

const ROOT = join(import.meta.dirname, '..', '..');

/** An empty database to restore into. */
interface Target {
  readonly url: string;
  drop(): Promise<void>;
}

/** A server on which no Felinar has ever been: not even its roles are there. */
async function newServer(): Promise<Target> {
  const directory = testVariable(TEST_SERVICES_DIRECTORY);
  const dataDirectory = await mkdtemp(join(directory, 'restore-'));
  await chmod(dataDirectory, 0o711);
  const server: RunningPostgres = await startDebianPostgres({ directory, dataDirectory, settings: { fsync: 'off' } });
  return {
    url: server.url,
    drop: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

const COMPRESS = `SELECT compress_chunk(c, true) FROM show_chunks('telemetry', older_than => now() - interval '1 day') AS c`;

/** What must be filled for the comparison to say something. */
const ESSENTIAL = [
  ...['site', 'lamp', 'lamp_type', 'cabinet', 'lamp_group_member', 'control_program', 'calendar', 'tariff', 'device'],
  ...['telemetry', 'lamp_state', 'lamp_register', 'lamp_energy_hourly', 'lamp_energy_daily', 'site_energy_hourly'],
  ...['fault', 'fault_history', 'crew', 'crew_channel', 'alert', 'delivery', 'lamp_command', 'command_batch'],
  ...[
    'lighting_sample',
    'segment_energy_daily',
    'site_night',
    'device_credential',
    'schema_migration',
    'rejection_count',
  ],
];

const capabilities = await Promise.all(
  [...(await databasesByCapability())].map(async ([capability, options]) => {
    const isFit = capability !== 'timescale-community' || !losesNulls(await timescaleOf(options.server ?? ''));
    return [capability, options, isFit] as const;
  }),
);

/** The version that a server gives new databases. */
async function timescaleOf(url: string): Promise<string> {
  const [row] = await query<{ version: string }>(
    url,
    `SELECT default_version AS version FROM pg_available_extensions WHERE name = 'timescaledb'`,
  );
  return row?.version ?? '';
}

/** Versions whose compressed columns without any value cannot be restored. */
function losesNulls(version: string): boolean {
  return /^2\.(19\.|20\.0$)/.test(version);
}

async function query<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query<T>(text).finally(() => client.end())).rows;
}

describe.each(capabilities)('a backup of %s', (capability, options, isFit) => {
  let source: TestDatabase;
  let target: Target;
  let directory: string;
  let bin: string;
  let backup: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'felinar-backup-'));
    source = await testDatabase(options);
    bin = await programsFor(source.url);
    const pool = createPool(source.url, 2);
    const city = await fillCity(pool, { lamps: 60, energyDays: 40, readingHours: 60, sampleDays: 2 });
    await new Reporter(pool, systemClock).report(1);
    const site = { id: 1, address: city.site.address };
    await createDeviceCredentials(pool, site, [city.lamps[0]?.device ?? ''], Date.now());
    if (capability === 'timescale-community') {
      await applyTiers(pool, { compressAfterDays: isFit ? 1 : 0, policies: true });
      if (isFit) await query(source.url, COMPRESS);
    }
    await pool.end();
    target = capability === 'timescale-apache' ? await newServer() : await emptyDatabase(options.server);
  }, 180_000);

  afterAll(async () => {
    await target.drop();
    await source.drop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = async (script: string, url: string, args: string[], environment: Record<string, string> = {}) => {
    const env = { PATH: process.env['PATH'], FELINAR_DATABASE_URL: url, ...environment };
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [`scripts/${script}.mjs`, ...args], {
        cwd: ROOT,
        env,
      });
      return { code: 0, said: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, said: stdout + stderr };
    }
  };
  /** Of the server's own version. */
  const programsFor = async (url: string) => {
    const prefix = await debianPackages({ directory: testVariable(TEST_SERVICES_DIRECTORY) });
    const [server] = await query<{ major: number }>(
      url,
      `SELECT current_setting('server_version_num')::int / 10000 AS major`,
    );
    return server?.major === prefix.postgresMajor ? prefix.binDirectory : `/usr/lib/postgresql/${server?.major}/bin`;
  };
  const restore = (into: string, what = backup) => run('restore', into, [what, '--bin', bin]);
  /** Every row of every table, and where every sequence is. */
  async function everything(url: string): Promise<Record<string, string>> {
    const tables = await query<{ name: string }>(
      url,
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'dashboard')
       UNION ALL SELECT format('%I.%I', schemaname, viewname) FROM pg_views WHERE viewname IN ('telemetry_hourly', 'telemetry_daily') ORDER BY 1`,
    );
    const found: Record<string, string> = {};
    for (const { name } of tables) {
      const [row] = await query<{ all: string }>(
        url,
        `SELECT count(*) || ' ' || coalesce(md5(string_agg(hash, '' ORDER BY hash)), '-') AS all FROM (SELECT md5(t::text) AS hash FROM ${name} AS t) AS h`,
      );
      found[name] = row?.all ?? '';
    }
    const sequences = await query<{ name: string; last: string }>(
      url,
      `SELECT schemaname || '.' || sequencename AS name, coalesce(last_value::text, '-') AS last FROM pg_sequences WHERE schemaname = 'public'`,
    );
    for (const { name, last } of sequences) found[name] = last;
    return found;
  }

  it('is made in a directory that only its owner can read', async () => {
    const made = await run('backup', source.url, ['--to', directory, '--bin', bin]);
    expect(made).toMatchObject({ code: 0, said: expect.stringContaining('Copy it to another machine') });
    const [name = '', ...others] = await readdir(directory);
    expect([name, others]).toEqual([expect.stringMatching(/^felinar-\d{8}T\d{6}Z$/), []]);
    backup = join(directory, name);
    expect((await stat(backup)).mode & 0o777).toBe(0o700);
    for (const file of ['database.dump', 'manifest.json'])
      expect({ file, mode: (await stat(join(backup, file))).mode & 0o777 }).toEqual({ file, mode: 0o600 });
    const manifest = JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8')) as {
      tables: Record<string, number>;
    };
    for (const table of ESSENTIAL)
      expect({ table, rows: manifest.tables[`public.${table}`] }).not.toEqual({ table, rows: 0 });
    expect(manifest).toMatchObject({
      roles: ['felinar_dashboards'],
      timescaledb: capability === 'postgres' ? null : expect.any(String),
    });
    expect(await run('restore', '', [backup, '--check'])).toMatchObject({
      code: 0,
      said: expect.stringContaining('It is whole'),
    });
  }, 120_000);

  it('is refused by a database that is not empty, which stays as it was', async () => {
    const before = await everything(source.url);
    expect(await restore(source.url)).toMatchObject({ code: 1, said: expect.stringContaining('is not empty') });
    expect(await everything(source.url)).toEqual(before);
  }, 120_000);

  it('is refused when it is damaged, before anything is written', async () => {
    const damaged = join(directory, 'damaged');
    await cp(backup, damaged, { recursive: true });
    const dump = await readFile(join(damaged, 'database.dump'));
    dump[Math.floor(dump.length / 2)] = (dump[Math.floor(dump.length / 2)] ?? 0) ^ 1;
    await writeFile(join(damaged, 'database.dump'), dump);
    expect(await restore(target.url, damaged)).toMatchObject({
      code: 1,
      said: expect.stringContaining('its checksum is not'),
    });
    await writeFile(join(damaged, 'database.dump'), dump.subarray(0, 1000));
    expect(await restore(target.url, damaged)).toMatchObject({
      code: 1,
      said: expect.stringContaining('it has 1000 bytes'),
    });
    await writeFile(join(damaged, 'manifest.json'), '{"format": 1,');
    expect(await restore(target.url, damaged)).toMatchObject({
      code: 1,
      said: expect.stringContaining('manifest.json is damaged'),
    });
    await rm(damaged, { recursive: true });
    expect(await everything(target.url)).toEqual({});
  }, 60_000);

  it('is refused by servers and tools that cannot take it', async () => {
    const other = join(directory, 'other');
    const refusal = async (change: object) => {
      await cp(backup, other, { recursive: true });
      const manifest = JSON.parse(await readFile(join(other, 'manifest.json'), 'utf8')) as object;
      await writeFile(join(other, 'manifest.json'), JSON.stringify({ ...manifest, ...change }));
      return restore(target.url, other);
    };
    const refused = (why: string) => ({ code: 1, said: expect.stringContaining(why) });
    expect(await refusal({ format: 9 })).toMatchObject(refused('format 9'));
    expect(await refusal({ tool: '99.1' })).toMatchObject(refused('the dump was made by 99.1'));
    expect(await refusal({ serverMajor: 99, server: '99.1' })).toMatchObject(refused('restore into 99 or newer'));
    const timescale = { timescaledb: '9.9.9', edition: 'apache' };
    expect(await refusal(timescale)).toMatchObject(refused('restore with that version'));
    if (capability === 'timescale-apache')
      expect(await refusal({ edition: 'community' })).toMatchObject(refused('needs the Community edition'));
    await rm(other, { recursive: true });
    expect(await everything(target.url)).toEqual({});
  }, 60_000);

  it('is refused while somebody is connected', async () => {
    const client = new pg.Client({ connectionString: target.url });
    await client.connect();
    expect(await restore(target.url)).toMatchObject({ code: 1, said: expect.stringContaining('stop Felinar') });
    await client.end();
  }, 60_000);

  it('comes back row by row', async () => {
    expect(await restore(target.url)).toMatchObject({
      code: 0,
      said: expect.stringContaining('every table has the rows that it had'),
    });
    const before = await everything(source.url);
    expect(Object.keys(before).length).toBeGreaterThan(30);
    expect(await everything(target.url)).toEqual(before);
  }, 180_000);

  it('is a database that Felinar goes on with, and dashboards, too', async () => {
    const dataSource = await new DataSource(dataSourceOptions(target.url)).initialize();
    expect(await detectCapability(dataSource)).toBe(capability);
    expect(await dataSource.showMigrations()).toBe(false);
    expect(await migrate(dataSource, { timescale: options.timescale ?? true })).toBe(capability);
    await dataSource.destroy();
    const insert = `INSERT INTO telemetry (lamp_id, time, received_at, active_power_w) SELECT min(id), now() + interval '9 days', now(), 1 FROM lamp`;
    await query(target.url, insert);
    const inTarget = `SELECT count(*) AS n FROM telemetry`;
    const [[before], [after]] = [
      await query<{ n: string }>(source.url, inTarget),
      await query<{ n: string }>(target.url, inTarget),
    ];
    expect(Number(after?.n)).toBe(Number(before?.n) + 1);
    const dashboards = await DashboardsRole.connect(target.url);
    expect((await dashboards.run('SELECT count(*)::int FROM dashboard.lamp_now')).rows).toEqual([[60]]);
    await dashboards.end();
    if (capability === 'postgres') return;
    const chunks = `SELECT count(*)::int AS n FROM timescaledb_information.chunks WHERE hypertable_name = 'telemetry'`;
    const [[chunksBefore], [chunksAfter]] = [
      await query<{ n: number }>(source.url, chunks),
      await query<{ n: number }>(target.url, chunks),
    ];
    const own = `SELECT EXISTS (SELECT FROM timescaledb_information.chunks WHERE is_compressed) AS "hasCompressed",
      (SELECT count(*)::int FROM timescaledb_information.continuous_aggregates) AS aggregates,
      (SELECT count(*)::int FROM timescaledb_information.jobs WHERE hypertable_name IS NOT NULL) AS policies`;
    const [[ownBefore], [ownAfter]] = [await query(source.url, own), await query(target.url, own)];
    expect(ownAfter).toEqual(ownBefore);
    const hasMore = capability === 'timescale-community';
    expect(ownBefore).toMatchObject({ hasCompressed: hasMore && isFit, aggregates: hasMore ? 2 : 0 });
    expect(chunksBefore?.n).toBeGreaterThan(2);
    expect(chunksAfter?.n).toBe((chunksBefore?.n ?? 0) + 1);
  }, 60_000);

  it('is of one instant, whatever is written meanwhile', async () => {
    const pool = createPool(source.url, 1);
    let isOver = false;
    let written = 0;
    const write = async () => {
      for (; !isOver; written++)
        await pool.query(
          `INSERT INTO telemetry (lamp_id, time, received_at) SELECT id, clock_timestamp(), now() FROM lamp ORDER BY id LIMIT 20`,
        );
    };
    const writing = write();
    const to = join(directory, 'busy');
    expect(await run('backup', source.url, ['--to', to, '--bin', bin])).toMatchObject({ code: 0 });
    isOver = true;
    await writing;
    await pool.end();
    expect(written).toBeGreaterThan(3);
    const another = await emptyDatabase(options.server);
    // Restoring counts every row and compares with the manifest.
    expect(await restore(another.url, join(to, (await readdir(to))[0] ?? ''))).toMatchObject({ code: 0 });
    await another.drop();
  }, 180_000);

  it('can be made through docker compose, and of those only the newest are kept', async () => {
    // What `docker compose exec` does: the program runs elsewhere, as the database's own user.
    const url = new URL(source.url);
    const fake = join(directory, 'bin');
    await promisify(execFile)('mkdir', [fake]);
    const script = [
      '#!/bin/sh',
      `[ "$1 $2 $3 $4" = "compose exec -T timescaledb" ] || { echo "no such command: $*" >&2; exit 9; }`,
      'shift 4; program=$1; shift',
      `export PGHOST=${url.hostname} PGPORT=${url.port} PGPASSWORD='${url.password}'`,
      'for word; do shift; [ "$word" = --dbname=felinar ] && word=--dbname=' +
        url.pathname.slice(1) +
        '; set -- "$@" "$word"; done',
      `exec ${bin}/$program "$@"`,
    ];
    await writeFile(join(fake, 'docker'), script.join('\n'), { mode: 0o755 });
    const to = join(directory, 'by-compose');
    const path = `${fake}:${process.env['PATH'] ?? ''}`;
    const made: string[] = [];
    for (let round = 0; round < 2; round++) {
      const backup = await run('backup', '', ['--compose', '--to', to, '--keep', '1'], { PATH: path });
      expect(backup).toEqual({ code: 0, said: expect.stringContaining('rows of') });
      const names = await readdir(to);
      expect(names).toHaveLength(1);
      made.push(names[0] ?? '');
      // A backup is named by its second.
      await delay(1_000);
    }
    expect(made[1]).not.toBe(made[0]);
    expect(await run('restore', '', [join(to, made[1] ?? ''), '--check'])).toMatchObject({ code: 0 });
  }, 120_000);

  if (!isFit)
    it('is refused where TimescaleDB could not restore it', async () => {
      await query(
        source.url,
        `ALTER TABLE telemetry SET (timescaledb.compress, timescaledb.compress_segmentby = 'lamp_id')`,
      );
      await query(source.url, COMPRESS);
      const made = await run('backup', source.url, ['--to', join(directory, 'unfit'), '--bin', bin]);
      expect(made).toMatchObject({ code: 1, said: expect.stringContaining('Update it first') });
      expect(await readdir(join(directory, 'unfit'))).toEqual([]);
    }, 60_000);

  it('of a database without Felinar is refused, and leaves nothing behind', async () => {
    const empty = await emptyDatabase(options.server);
    const to = join(directory, 'nothing');
    const made = await run('backup', empty.url, ['--to', to, '--bin', bin]);
    expect(made).toMatchObject({ code: 1, said: expect.stringContaining('There is no Felinar in') });
    expect(await readdir(to)).toEqual([]);
    await empty.drop();
  }, 60_000);
});
