import type { Pool, PoolClient } from '../pool.js';

/** Work of which one process does one site at a time. The number is the first key of PostgreSQL's advisory locks. */
export const SITE_TASKS = {
  plan: 7_264_101,
  distribute: 7_264_102,
  switchPoints: 7_264_103,
  detect: 7_264_104,
  /** For the whole database: site 0. */
  housekeeping: 7_264_105,
  report: 7_264_106,
  /** Which lamps are in which groups: lamps and groups lead to it from two sides. */
  members: 7_264_107,
} as const;
export type SiteTask = keyof typeof SITE_TASKS;

/**
 * Runs `work` when no other process is at the same task for the same site; undefined when one is. The lock belongs to a connection:
 * it goes with the process that held it.
 */
export async function withSiteLock<T>(
  pool: Pool,
  task: SiteTask,
  siteId: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const keys = [SITE_TASKS[task], siteId];
    const locked = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS held', keys);
    if (locked.rows[0]?.held !== true) return undefined;
    try {
      return await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock($1, $2)', keys).catch(onError);
    }
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Waits for the task of the site inside a transaction; let go at its end. */
export async function lockSiteTask(client: PoolClient, task: SiteTask, siteId: number): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1, $2)', [SITE_TASKS[task], siteId]);
}
