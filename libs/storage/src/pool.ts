import pg from 'pg';

/**
 * What every session is started with: UTC, and no bound on what a late reading may unpack of compressed chunks, since a batch that the
 * database refuses for that would never get in. Without TimescaleDB nobody reads the latter.
 */
export const SESSION_OPTIONS = '-c TimeZone=UTC -c timescaledb.max_tuples_decompressed_per_dml_transaction=0';

/** A pool of plain connections for the hot path, in UTC. `max` connections at the most. */
export function createPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'felinar',
    options: SESSION_OPTIONS,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // One that breaks while it is lent, and no query under way, would end the process too; the next query on it is refused.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

export type { Pool, PoolClient } from 'pg';
