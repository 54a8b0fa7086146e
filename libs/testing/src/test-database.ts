import { randomBytes } from 'node:crypto';
import { dataSourceOptions, establishCapability, migrate, type DatabaseCapability } from '#libs/storage';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { TEST_COMMUNITY_URL, TEST_POSTGRES_URL, testVariable } from './environment.js';

/** A database of its own for one test file: real, migrated, empty. */
export interface TestDatabase {
  readonly url: string;
  readonly capability: DatabaseCapability;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False: without the extension, as on a plain PostgreSQL. */
  readonly timescale?: boolean;
  /** Another server than the one that all tests share. */
  readonly server?: string;
}

/** Creates a database on the test server, with the schema. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { url, drop } = await emptyDatabase(options.server);
  const dataSource = await new DataSource(dataSourceOptions(url)).initialize();
  const capability = await migrate(dataSource, { timescale: options.timescale ?? true });
  await dataSource.destroy();
  return { url, capability, drop };
}

/** Creates a database without a schema. */
export async function emptyDatabase(
  server = testVariable(TEST_POSTGRES_URL),
): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `felinar_test_${randomBytes(6).toString('hex')}`;
  // template0: on some images template1 has the extension already, and a plain database must not.
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** How to make a database of each capability that can be had here; those that are missing cannot be tested. */
export async function databasesByCapability(): Promise<ReadonlyMap<DatabaseCapability, TestDatabaseOptions>> {
  const found = new Map<DatabaseCapability, TestDatabaseOptions>([['postgres', { timescale: false }]]);
  const servers = [testVariable(TEST_POSTGRES_URL), process.env[TEST_COMMUNITY_URL] ?? ''].filter((url) => url !== '');
  for (const server of new Set(servers)) {
    const { url, drop } = await emptyDatabase(server);
    const capability = await onServer(url, (client) =>
      establishCapability({ query: async (sql) => (await client.query(sql)).rows }),
    );
    await drop();
    if (!found.has(capability)) found.set(capability, { timescale: true, server });
  }
  return found;
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
