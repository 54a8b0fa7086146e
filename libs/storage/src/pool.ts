import type pg from 'pg';
import { ActingPool } from './acting-pool.js';

/**
 * What every session is started with: UTC, and no bound on what a late reading may unpack of compressed chunks, since a batch that the
 * database refuses for that would never get in. Without TimescaleDB nobody reads the latter.
 */
export const SESSION_OPTIONS = '-c TimeZone=UTC -c timescaledb.max_tuples_decompressed_per_dml_transaction=0';

/** A pool of plain connections for the hot path, in UTC. `max` connections at the most. */
export function createPool(url: string, max: number): pg.Pool {
  const pool = new ActingPool({
    connectionString: url,
    max,
    application_name: 'felinar',
    options: SESSION_OPTIONS,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

export type { Pool, PoolClient } from 'pg';
