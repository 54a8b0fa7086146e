import { DomainError } from '#libs/kernel';
import type { PoolClient } from '../pool.js';
import { instant } from './command-sql.js';

/** A key is remembered for so long. */
export const REMEMBERED_H = 48;

/**
 * Runs `work` once for a key, inside the caller's transaction: a request that is repeated gets the first one's answer, also when both
 * arrive together. Refuses a key that was used for another request.
 */
export async function once<T>(
  client: PoolClient,
  siteId: number,
  key: string | undefined,
  requestHash: string,
  nowMs: number,
  work: () => Promise<T>,
): Promise<T> {
  if (key === undefined) return work();
  await client.query(
    `DELETE FROM idempotency_key WHERE site_id = $1 AND created_at < ${instant('$2')} - interval '${REMEMBERED_H} hours'`,
    [siteId, nowMs],
  );
  // The second of two that arrive together waits here for the first one's commit.
  const taken = await client.query(
    `INSERT INTO idempotency_key (site_id, key, request_hash, answer, created_at)
     VALUES ($1, $2, $3, 'null', ${instant('$4')}) ON CONFLICT DO NOTHING`,
    [siteId, key, requestHash, nowMs],
  );
  if (taken.rowCount === 0) return earlierAnswer<T>(client, siteId, key, requestHash);
  const answer = await work();
  await client.query('UPDATE idempotency_key SET answer = $3 WHERE site_id = $1 AND key = $2', [
    siteId,
    key,
    JSON.stringify(answer),
  ]);
  return answer;
}

async function earlierAnswer<T>(client: PoolClient, siteId: number, key: string, requestHash: string): Promise<T> {
  const found = await client.query<{ request_hash: string; answer: T }>(
    'SELECT request_hash, answer FROM idempotency_key WHERE site_id = $1 AND key = $2',
    [siteId, key],
  );
  const row = found.rows[0];
  if (row === undefined) throw new DomainError('unavailable', 'The same request was being carried out: try again');
  if (row.request_hash === requestHash) return row.answer;
  throw new DomainError(
    'conflict',
    'This Idempotency-Key was used for another request: take a new key for each request',
  );
}
