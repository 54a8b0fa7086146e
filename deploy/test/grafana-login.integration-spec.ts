import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianPackages } from '#libs/services';
import { emptyDatabase, TEST_SERVICES_DIRECTORY, testDatabase, testVariable, type TestDatabase } from '#libs/testing';
import pg from 'pg';

const LOGIN = join(import.meta.dirname, '..', 'grafana', 'login.sql');

describe('the login of Grafana', () => {
  let database: TestDatabase;
  let directory: string;
  let psql: string;

  beforeAll(async () => {
    database = await testDatabase();
    directory = await mkdtemp(join(tmpdir(), 'felinar-login-'));
    psql = join((await debianPackages({ directory: testVariable(TEST_SERVICES_DIRECTORY) })).binDirectory, 'psql');
  });

  afterAll(async () => {
    await query(database.url, 'DROP ROLE IF EXISTS felinar_grafana');
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (url: string, password: string) => {
    const file = join(directory, 'password');
    const args = ['--no-psqlrc', '--quiet', '--set', `password_file=${file}`, '--file', LOGIN, url];
    return writeFile(file, password).then(() => promisify(execFile)(psql, args));
  };
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };
  const asGrafana = (password: string) => {
    const url = new URL(database.url);
    [url.username, url.password] = ['felinar_grafana', encodeURIComponent(password)];
    return url.href;
  };

  it('is made, sees the dashboards’ views and nothing else', async () => {
    expect((await run(database.url, "first'password\n")).stdout).toBe('Grafana may log in as felinar_grafana.\n');
    const url = asGrafana("first'password");
    expect((await query(url, 'SELECT * FROM dashboard.site')).rows).toEqual([]);
    await expect(query(url, 'SELECT * FROM site')).rejects.toThrow('permission denied');
    expect((await query(url, 'SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '30s' }]);
  });

  it('takes another password when it runs again, and loses what somebody has added to its rights', async () => {
    await query(database.url, 'ALTER ROLE felinar_grafana CREATEDB CREATEROLE');
    await run(database.url, 'second');
    await expect(query(asGrafana("first'password"), 'SELECT 1')).rejects.toThrow('password authentication failed');
    const { rows } = await query(
      asGrafana('second'),
      'SELECT rolcreatedb, rolcreaterole, rolsuper FROM pg_roles WHERE rolname = current_user',
    );
    expect(rows).toEqual([{ rolcreatedb: false, rolcreaterole: false, rolsuper: false }]);
  });

  it('is refused without a password, and without Felinar’s schema', async () => {
    await expect(run(database.url, '')).rejects.toThrow('make it first (docker compose run --rm secrets)');
    const empty = await emptyDatabase();
    try {
      await expect(run(empty.url, 'third')).rejects.toThrow('start Felinar’s API once');
    } finally {
      await empty.drop();
    }
    expect((await query(asGrafana('second'), 'SELECT 1 AS still')).rows).toEqual([{ still: 1 }]);
  });
});
