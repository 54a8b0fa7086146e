import type pg from 'pg';
import { ActingPool } from './acting-pool.js';

/**
 * A connection whose other end has gone without a word is given up within half a minute, on both sides: otherwise a query would wait, a
 * listener be deaf, and a dead process hold its locks for two hours. Not while bytes that were sent are unacknowledged: the kernel gives up
 * on those after a quarter of an hour.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;
const SERVER_KEEP_ALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/**
 * What every session is started with: UTC, and no bound on what a late reading may unpack of compressed chunks, since a batch that the
 * database refuses for that would never get in. Without TimescaleDB nobody reads the latter.
 */
export const SESSION_OPTIONS = `-c TimeZone=UTC -c timescaledb.max_tuples_decompressed_per_dml_transaction=0 ${SERVER_KEEP_ALIVE}`;

/** A pool of plain connections for the hot path, in UTC. `max` connections at the most. */
export function createPool(url: string, max: number): pg.Pool {
  const pool = new ActingPool({
    connectionString: url,
    max,
    application_name: 'felinar',
    options: SESSION_OPTIONS,
    connectionTimeoutMillis: 10_000,
    ...KEEP_ALIVE,
  });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

export type { Pool, PoolClient } from 'pg';
