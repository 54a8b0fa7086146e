import { randomBytes } from 'node:crypto';
import { dataSourceOptions, migrate, type DatabaseCapability } from '#libs/storage';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { TEST_POSTGRES_URL, testVariable } from './environment.js';

/** A database of its own for one test file: real, migrated, empty. */
export interface TestDatabase {
  readonly url: string;
  readonly capability: DatabaseCapability;
  drop(): Promise<void>;
}

/** Creates a database on the test server. `timescale: false`: without the extension, as on a plain PostgreSQL. */
export async function testDatabase(options: { readonly timescale?: boolean } = {}): Promise<TestDatabase> {
  const { url, drop } = await emptyDatabase();
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  const capability = await migrate(dataSource, { timescale: options.timescale ?? true });
  await dataSource.destroy();
  return { url, capability, drop };
}

/** Creates a database without a schema. */
export async function emptyDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const server = testVariable(TEST_POSTGRES_URL);
  const name = `felinar_test_${randomBytes(6).toString('hex')}`;
  // template0: on some images template1 has the extension already, and a plain database must not.
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
