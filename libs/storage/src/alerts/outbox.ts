import { TRY_FOR_MS } from '#libs/alerts';
import type { Pool } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { instant, ms, setState, statesBefore } from './alert-sql.js';

/** Lines of one digest at the most; what is over goes into the next one at once. */
const MAX_DIGEST = 200;

/** Makes one delivery of everything that a channel has collected and whose time has come, channel by channel. Says how many. */
export async function makeDigests(pool: Pool, nowMs: number): Promise<number> {
  const due = await pool.query<{ channelId: string }>(
    `SELECT DISTINCT channel_id AS "channelId" FROM delivery WHERE state = 'waiting' AND due_at <= ${instant('$1')}`,
    [nowMs],
  );
  let made = 0;
  for (const { channelId } of due.rows) made += await makeDigest(pool, channelId, nowMs);
  return made;
}

function makeDigest(pool: Pool, channelId: string, nowMs: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    // One process at a time makes the digests of a channel; another finds nothing left.
    await client.query('SELECT 1 FROM crew_channel WHERE id = $1 FOR NO KEY UPDATE', [channelId]);
    const lines = await client.query<{ id: string; siteId: number }>(
      `SELECT id, site_id AS "siteId" FROM delivery
       WHERE channel_id = $1 AND state IN (${statesBefore('collected')}) AND due_at <= ${instant('$2')}
       ORDER BY serial LIMIT ${MAX_DIGEST} FOR UPDATE`,
      [channelId, nowMs],
    );
    const [first] = lines.rows;
    if (first === undefined) return 0;
    const digest = await client.query<{ id: string }>(
      `INSERT INTO delivery (site_id, channel_id, kind, state, created_at, due_at, give_up_at)
       VALUES ($1, $2, 'digest', 'pending', ${instant('$3')}, ${instant('$3')}, ${instant('$3')} + make_interval(secs => ${TRY_FOR_MS / 1000}))
       RETURNING id`,
      [first.siteId, channelId, nowMs],
    );
    await client.query(
      `UPDATE delivery SET ${setState('collected')}, digest_id = $2, finished_at = ${instant('$3')} WHERE id = ANY($1::uuid[])`,
      [lines.rows.map(({ id }) => id), digest.rows[0]?.id, nowMs],
    );
    return 1;
  });
}

/** A delivery whose turn has come, taken by this process. */
export interface ClaimedDelivery {
  readonly id: string;
  /** This try included. */
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly giveUpAtMs: number;
}

export interface ClaimBounds {
  readonly leaseMs: number;
  readonly take: number;
  /** Of one channel at the most: a receiver that hangs does not hold up the others. */
  readonly takePerChannel: number;
}

/**
 * Takes deliveries whose time has come: nobody else sees them as due for the lease. When the process dies in between, they are due
 * again after it, under the same id. What is told of one fault through one channel stays in order.
 */
export async function claimDeliveries(pool: Pool, nowMs: number, bounds: ClaimBounds): Promise<ClaimedDelivery[]> {
  const claimed = await pool.query<ClaimedDelivery>({
    name: 'claim_deliveries',
    text: `
      WITH candidate AS (
        SELECT id FROM (
          SELECT d.id, d.due_at, row_number() OVER (PARTITION BY d.channel_id ORDER BY d.due_at, d.serial) AS place
          FROM delivery AS d
          WHERE d.state = 'pending' AND d.due_at <= ${instant('$1')}
            AND NOT EXISTS (SELECT FROM delivery AS earlier WHERE earlier.state = 'pending'
              AND earlier.channel_id = d.channel_id AND earlier.fault_id = d.fault_id AND earlier.serial < d.serial)
        ) AS ranked WHERE place <= $4 ORDER BY due_at LIMIT $3
      ), locked AS (
        SELECT d.id FROM delivery AS d JOIN candidate USING (id) WHERE d.state = 'pending' AND d.due_at <= ${instant('$1')}
        FOR UPDATE OF d SKIP LOCKED
      )
      UPDATE delivery AS d SET due_at = ${instant('$1')} + make_interval(secs => $2::float8 / 1000), attempts = d.attempts + 1
      FROM locked WHERE d.id = locked.id
      RETURNING d.id, d.attempts, ${ms('d.created_at')} AS "createdAtMs", ${ms('d.give_up_at')} AS "giveUpAtMs"`,
    values: [nowMs, bounds.leaseMs, bounds.take, bounds.takePerChannel],
  });
  return claimed.rows;
}

/** It is still in hand until then; nothing when another process has claimed it since. */
export async function renewClaim(
  pool: Pool,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  untilMs: number,
): Promise<void> {
  await pool.query(
    `UPDATE delivery SET due_at = ${instant('$3')} WHERE id = $1 AND attempts = $2 AND state = 'pending' AND due_at < ${instant('$3')}`,
    [id, attempts, untilMs],
  );
}

/** The receiver has it. */
export async function markDelivered(pool: Pool, id: string, nowMs: number): Promise<void> {
  await pool.query(
    `UPDATE delivery SET ${setState('accepted')}, finished_at = ${instant('$2')}, problem = NULL
     WHERE id = $1 AND state IN (${statesBefore('accepted')})`,
    [id, nowMs],
  );
}

/** It did not work this time; `attempts` as claimed: when another process has tried since, its note stands. */
export async function markDelayed(
  pool: Pool,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  dueMs: number,
  problem: string,
): Promise<void> {
  await pool.query(
    `UPDATE delivery SET ${setState('delayed')}, due_at = ${instant('$3')}, problem = $4
     WHERE id = $1 AND attempts = $2 AND state IN (${statesBefore('delayed')})`,
    [id, attempts, dueMs, problem],
  );
}

/** It will not be tried again, unless somebody asks for it. */
export async function markDead(
  pool: Pool,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  nowMs: number,
  problem: string,
): Promise<void> {
  await pool.query(
    `UPDATE delivery SET ${setState('givenUp')}, finished_at = ${instant('$3')}, problem = $4
     WHERE id = $1 AND attempts = $2 AND state IN (${statesBefore('givenUp')})`,
    [id, attempts, nowMs, problem],
  );
}

/** What has not been delivered, by state, and since when the oldest one is due. */
export async function countUndelivered(pool: Pool): Promise<{ state: string; count: number; oldestMs: number }[]> {
  const found = await pool.query<{ state: string; count: number; oldestMs: number }>(
    `SELECT state, count(*)::int AS count, ${ms('min(created_at)')} AS "oldestMs" FROM delivery
     WHERE state IN ('waiting', 'pending', 'dead') GROUP BY state`,
  );
  return found.rows;
}
