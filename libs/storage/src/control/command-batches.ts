import type { CommandState } from '#libs/commands';
import type { Pool, PoolClient } from '../pool.js';
import { instant, OPEN, setState } from './command-sql.js';
import { completeCounts, type CommandCounts } from './overrides.js';

export interface CommandBatchRow {
  readonly id: string;
  readonly kind: 'override' | 'release' | 'reapply' | 'serverDriven';
  readonly overrideId: string | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly cancelledAt: Date | null;
  readonly cancelledBy: string | null;
  readonly lamps: number;
  readonly counts: CommandCounts;
  /** When the last of its commands ended; null while something is open. */
  readonly finishedAt: Date | null;
}

const SELECT_BATCH = `
  SELECT b.id, b.kind, b.override_id AS "overrideId", b.created_at AS "createdAt", b.created_by AS "createdBy",
    b.cancelled_at AS "cancelledAt", b.cancelled_by AS "cancelledBy", coalesce(sum(counted.n), 0)::int AS lamps,
    json_object_agg(counted.state, counted.n) FILTER (WHERE counted.state IS NOT NULL) AS counts,
    CASE WHEN bool_or(counted.state IN (${OPEN})) THEN NULL ELSE max(counted.finished_at) END AS "finishedAt"
  FROM chosen AS b LEFT JOIN LATERAL (
    SELECT state, count(*)::int AS n, max(finished_at) AS finished_at FROM lamp_command WHERE batch_id = b.id GROUP BY state
  ) AS counted ON true
  GROUP BY b.id, b.kind, b.override_id, b.created_at, b.created_by, b.cancelled_at, b.cancelled_by
  ORDER BY b.created_at DESC, b.id DESC`;

type RawBatch = Omit<CommandBatchRow, 'counts'> & { readonly counts: Partial<CommandCounts> | null };
const complete = (row: RawBatch): CommandBatchRow => ({ ...row, counts: completeCounts(row.counts) });

/** Batches of a site, the latest first, from the one after the batch `after`; several are made at one instant. */
export async function listCommandBatches(
  pool: Pool,
  siteId: number,
  after: string | undefined,
  take: number,
): Promise<CommandBatchRow[]> {
  const found = await pool.query<RawBatch>(
    // Counted are those of the page only: a site has many.
    `WITH chosen AS (
       SELECT * FROM command_batch WHERE site_id = $1
         AND ($2::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM command_batch WHERE id = $2::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $3
     ) ${SELECT_BATCH}`,
    [siteId, after ?? null, take],
  );
  return found.rows.map(complete);
}

/** One batch with how far it is; undefined when the site has none of that id. */
export async function findCommandBatch(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  id: string,
): Promise<CommandBatchRow | undefined> {
  const found = await pool.query<RawBatch>(
    `WITH chosen AS (SELECT * FROM command_batch WHERE site_id = $1 AND id = $2::uuid) ${SELECT_BATCH}`,
    [siteId, id],
  );
  return found.rows.map(complete)[0];
}

export interface LampCommandRow {
  readonly id: string;
  readonly lamp: string;
  readonly device: string;
  readonly deviceOnline: boolean | null;
  readonly levelPercent: number | null;
  readonly fadeS: number;
  readonly expiresAt: Date;
  readonly state: CommandState;
  readonly attempts: number;
  readonly sentAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly problem: string | null;
}

/** The commands of a batch in the order in which they were made, from the one after `after`. */
export async function listLampCommands(
  pool: Pool,
  batchId: string,
  state: CommandState | undefined,
  after: number | undefined,
  take: number,
): Promise<LampCommandRow[]> {
  const found = await pool.query<LampCommandRow>(
    `SELECT c.id, lamp.address AS lamp, c.device, device.online AS "deviceOnline", c.level_percent AS "levelPercent", c.fade_s AS "fadeS",
       c.expires_at AS "expiresAt", c.state, c.attempts, c.sent_at AS "sentAt", c.acknowledged_at AS "acknowledgedAt",
       c.finished_at AS "finishedAt", c.problem
     FROM lamp_command AS c JOIN lamp ON lamp.id = c.lamp_id
     LEFT JOIN device ON device.site_id = c.site_id AND device.address = c.device
     WHERE c.batch_id = $1::uuid AND ($2::text IS NULL OR c.state = $2) AND c.id > $3 ORDER BY c.id LIMIT $4`,
    [batchId, state ?? null, after ?? 0, take],
  );
  return found.rows;
}

/**
 * Stops what of a batch has not been acknowledged, inside the caller's transaction. Lamps that have obeyed keep the level until the
 * override is released or ends. Says how many commands it stopped.
 */
export async function cancelCommandBatch(
  client: PoolClient,
  siteId: number,
  id: string,
  nowMs: number,
  by: string | undefined,
): Promise<number> {
  await client.query(
    `UPDATE command_batch SET cancelled_at = coalesce(cancelled_at, ${instant('$3')}), cancelled_by = coalesce(cancelled_by, $4)
     WHERE site_id = $1 AND id = $2::uuid`,
    [siteId, id, nowMs, by ?? null],
  );
  const stopped = await client.query(
    `UPDATE lamp_command SET ${setState('cancelled')}, finished_at = ${instant('$2')}, problem = 'the batch was cancelled'
     WHERE batch_id = $1::uuid AND state IN ('queued', 'sent')`,
    [id, nowMs],
  );
  return stopped.rowCount ?? 0;
}
