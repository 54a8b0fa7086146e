import { FORGOTTEN_AFTER_MS, nextTryMs, type CountedBy } from '#libs/identity';
import { instant } from '../control/command-sql.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';

/** Who tries to sign in, and from where. `address` as `addressKey` gives it. */
export interface SignInTry {
  readonly username: string;
  readonly address: string;
}

/**
 * Counts a try as failed before it is looked at, so that many at once are as slow as one after the other. Answers for how long to wait,
 * ms: above 0 nothing was counted, and the password is not to be looked at.
 */
export function countSignInTry(pool: Pool, tried: SignInTry, nowMs: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    const counted = await countersOf(client, tried, nowMs);
    // In one order, so that two tries cannot wait for each other.
    const waits: number[] = [];
    for (const { by, key } of counted) {
      await client.query(
        `INSERT INTO sign_in_failure (counted_by, key, failures, last_at) VALUES ($1, $2, 0, ${instant('$3')}) ON CONFLICT DO NOTHING`,
        [by, key, nowMs],
      );
      const found = await client.query<{ failures: number; lastMs: number }>(
        `SELECT failures, extract(epoch FROM last_at)::float8 * 1000 AS "lastMs" FROM sign_in_failure
         WHERE counted_by = $1 AND key = $2 FOR UPDATE`,
        [by, key],
      );
      const row = found.rows[0] ?? { failures: 0, lastMs: nowMs };
      waits.push(nextTryMs(by, nowMs - row.lastMs > FORGOTTEN_AFTER_MS ? undefined : row) - nowMs);
    }
    const waitMs = Math.max(0, ...waits);
    if (waitMs > 0) return waitMs;
    await client.query(
      `UPDATE sign_in_failure AS f SET last_at = ${instant('$3')},
         failures = CASE WHEN f.last_at < ${instant('$3')} - interval '${FORGOTTEN_AFTER_MS} ms' THEN 1 ELSE f.failures + 1 END
       FROM unnest($1::text[], $2::text[]) AS input (counted_by, key) WHERE (f.counted_by, f.key) = (input.counted_by, input.key)`,
      [counted.map(({ by }) => by), counted.map(({ key }) => key), nowMs],
    );
    await client.query(
      `DELETE FROM sign_in_failure WHERE ctid = ANY (ARRAY(SELECT ctid FROM sign_in_failure
         WHERE last_at < ${instant('$1')} - interval '${FORGOTTEN_AFTER_MS} ms' LIMIT 100 FOR UPDATE SKIP LOCKED))`,
      [nowMs],
    );
    return 0;
  });
}

/** It was the right password: what the user mistyped is forgotten, what others tried from elsewhere is not. */
export async function forgetSignInTries(db: Pool | PoolClient, { username, address }: SignInTry): Promise<void> {
  await db.query(`DELETE FROM sign_in_failure WHERE counted_by = 'pair' AND key = $1`, [
    pairKey({ username, address }),
  ]);
  await db.query(
    `UPDATE sign_in_failure SET failures = greatest(failures - 1, 0)
     WHERE (counted_by, key) IN (('address', $1), ('account', $2))`,
    [address, username],
  );
}

async function countersOf(
  client: PoolClient,
  tried: SignInTry,
  nowMs: number,
): Promise<readonly { by: CountedBy; key: string }[]> {
  const { username, address } = tried;
  const known = await client.query(
    `SELECT 1 FROM session AS s JOIN app_user AS u ON u.id = s.user_id
     WHERE u.username = $1 AND s.address = $2 AND s.created_at > ${instant('$3')} - interval '90 days' LIMIT 1`,
    [username, address, nowMs],
  );
  const isKnown = (known.rowCount ?? 0) > 0;
  return [
    ...(isKnown ? [] : [{ by: 'account' as const, key: username }]),
    { by: 'address' as const, key: address },
    { by: 'pair' as const, key: pairKey(tried) },
  ];
}

function pairKey({ username, address }: SignInTry): string {
  return `${username} ${address}`;
}
