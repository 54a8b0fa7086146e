import type { Pool, PoolClient } from './pool.js';

/** Runs `work` in one transaction: commits when it resolves, rolls back when it rejects. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const value = await work(client);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Whether the database refused the data itself (SQLSTATE class 22 data exception, 23 constraint): the same rows will be refused
 * again. Everything else (lost connection, shut down, deadlock, disk full) may work at the next try.
 */
export function isDataRefused(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^2[23]/.test(code);
}
