import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  debianPackages,
  reachableDirectory,
  type RunningPostgres,
  ServicesUnavailable,
  startDebianPostgres,
  startEmbeddedPostgres,
  startMosquitto,
} from '../src/index.js';
import { isRunning, waitUntilGone } from '../src/process-table.js';

const here = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);

/** The directory the rest of the project unpacks into as well: unpacked once for all. */
let directory: string;
let work: string;

beforeAll(async () => {
  directory = await reachableDirectory(join(here, '../../../.felinar/services'));
  await debianPackages({ directory });
  work = await reachableDirectory(join(tmpdir(), `felinar-services-${randomUUID()}`));
}, 300_000);

afterAll(() => rm(work, { recursive: true, force: true }));

async function query(postgres: RunningPostgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client(postgres.url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>({ text: sql })).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

describe('Debian packages', () => {
  it('are unpacked once for any number of callers', async () => {
    const [one, two] = await Promise.all([debianPackages({ directory }), debianPackages({ directory })]);
    expect(two).toEqual(one);
    expect(one.packages).toHaveProperty(`postgresql-${one.postgresMajor}-timescaledb`);
    await access(one.mosquitto);
  });
});

describe.each(['debian', 'embedded'] as const)('%s PostgreSQL', (source) => {
  const start = (name: string, database?: string) => {
    const options = { directory, dataDirectory: join(work, source, name), ...(database ? { database } : {}) };
    return source === 'debian' ? startDebianPostgres(options) : startEmbeddedPostgres(options);
  };

  it('keeps its data over a stop, a restart and a kill', async () => {
    let postgres = await start('kept');
    if (postgres.timescale) await query(postgres, 'CREATE EXTENSION timescaledb');
    await query(postgres, 'CREATE TABLE reading (at timestamptz NOT NULL, level int)');
    if (postgres.timescale) await query(postgres, "SELECT create_hypertable('reading', 'at')");
    await query(postgres, "INSERT INTO reading SELECT now() - n * interval '1 h', n FROM generate_series(1, 1000) n");
    await postgres.stop();
    await postgres.stop();
    expect(postgres.pid).toBeUndefined();

    postgres = await start('kept');
    expect(await query(postgres, 'SELECT count(*)::int FROM reading')).toEqual([1000]);
    await postgres.restart();
    expect(await query(postgres, 'SELECT count(*)::int FROM reading')).toEqual([1000]);
    await query(postgres, 'INSERT INTO reading VALUES (now(), 1)');
    await postgres.kill();
    expect(postgres.pid).toBeUndefined();
    await postgres.restart();
    expect(await query(postgres, 'SELECT count(*)::int FROM reading')).toEqual([1001]);
    await postgres.stop();
  }, 120_000);

  it('lets nobody in without the password, and only from this machine', async () => {
    const postgres = await start('closed');
    const url = new URL(postgres.url);
    url.password = 'wrong';
    await expect(new pg.Client(url.href).connect()).rejects.toThrow('password authentication failed');
    expect(await query(postgres, 'SHOW listen_addresses')).toEqual(['127.0.0.1']);
    expect(await query(postgres, 'SHOW unix_socket_directories')).toEqual(['']);
    await postgres.stop();
  }, 60_000);

  it('refuses a directory that is in use, and takes it when it is given back', async () => {
    const postgres = await start('shared');
    await expect(start('shared')).rejects.toThrow(ServicesUnavailable);
    expect(await query(postgres, 'SELECT 1')).toEqual([1]);
    await postgres.stop();
    await (await start('shared')).stop();
  }, 60_000);

  it('creates another database in an existing directory', async () => {
    await (await start('two')).stop();
    const postgres = await start('two', 'second');
    expect(await query(postgres, 'SELECT current_database()')).toEqual(['second']);
    await postgres.stop();
  }, 60_000);

  it('says what the server said when it cannot start', async () => {
    const options = { directory, dataDirectory: join(work, source, 'bad'), settings: { shared_buffers: 'plenty' } };
    const bad = source === 'debian' ? startDebianPostgres(options) : startEmbeddedPostgres(options);
    await expect(bad).rejects.toThrow(/invalid value for parameter "shared_buffers"/);
    await (await start('bad')).stop();
  }, 60_000);

  it('leaves nothing running when its parent is killed, and starts again on what is there', async () => {
    const killed = join(work, source, 'killed');
    const pids = await startAndKillParent(killed);
    const postgres = await start('killed/postgres'); // at once: the old server may still be stopping
    expect(await query(postgres, 'SELECT 1')).toEqual([1]);
    await postgres.stop();
    for (const pid of pids) expect(await waitUntilGone(pid, 15_000)).toBe(true);
  }, 120_000);

  async function startAndKillParent(parentWork: string): Promise<number[]> {
    const parent = spawn(
      process.execPath,
      ['--import', join(here, 'run-typescript.mjs'), join(here, 'parent.fixture.ts'), source, directory, parentWork],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [text] = (await Promise.race([
      once(parent.stdout.setEncoding('utf8'), 'data'),
      once(parent, 'exit').then(() => Promise.reject(new Error('the parent ended by itself'))),
    ])) as [string];
    const pids = JSON.parse(text) as number[];
    for (const pid of pids) expect(await isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    return pids;
  }
});

describe('Mosquitto', () => {
  it.each([
    ['any source', undefined],
    ['the Debian packages', ['debian'] as const],
  ])(
    'from %s carries a message, keeps retained ones over a restart, and stops',
    async (name, sources) => {
      const workDirectory = join(work, 'broker', name);
      const broker = await startMosquitto({
        directory,
        workDirectory,
        persistence: true,
        ...(sources ? { sources } : {}),
      });
      if (broker.pubPath === undefined || broker.subPath === undefined) throw new Error('no client programs');
      const address = ['-h', broker.host, '-p', String(broker.port), '-t', 'felinar/test'];
      await run(broker.pubPath, [...address, '-q', '1', '-r', '-m', 'on']);
      expect((await run(broker.subPath, [...address, '-C', '1', '-W', '5'])).stdout).toBe('on\n');
      await broker.restart();
      expect((await run(broker.subPath, [...address, '-C', '1', '-W', '5'])).stdout).toBe('on\n');
      await broker.kill();
      await broker.restart();
      await broker.stop();
      await broker.stop();
      expect(broker.pid).toBeUndefined();
    },
    60_000,
  );

  it('says what the broker said when it cannot start', async () => {
    const options = { directory, workDirectory: join(work, 'bad-broker'), configuration: ['no_such_option 1'] };
    await expect(startMosquitto(options)).rejects.toThrow(/no_such_option/);
    expect(await readFile(join(options.workDirectory, 'mosquitto.log'), 'utf8')).toContain('no_such_option');
  }, 60_000);

  it('says so when its port is taken', async () => {
    const first = await startMosquitto({ directory, workDirectory: join(work, 'first') });
    await expect(startMosquitto({ directory, workDirectory: join(work, 'other'), port: first.port })).rejects.toThrow(
      `cannot listen on port ${first.port}`,
    );
    await first.stop();
  }, 60_000);
});
