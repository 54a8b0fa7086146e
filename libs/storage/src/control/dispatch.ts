import { TRANSITIONS, type CommandState } from '#libs/commands';
import type { Pool } from '../pool.js';
import { instant, OPEN, setState, statesBefore } from './command-sql.js';

/** One lamp's command whose turn has come, with what deciding and sending it takes. */
export interface ClaimedCommand {
  readonly id: string;
  readonly batchId: string;
  readonly part: number;
  readonly site: string;
  readonly device: string;
  readonly lamp: string;
  readonly levelPercent: number | null;
  readonly fadeS: number;
  readonly expiresAtMs: number;
  readonly createdAtMs: number;
  readonly state: CommandState;
  /** How often it had been sent before. */
  readonly attempts: number;
  readonly reportedLevelPercent: number | null;
  readonly reportingIntervalS: number | null;
}

/**
 * Takes commands whose turn has come, at most `messages` messages of them, for this process: nobody else sees them as due for
 * `leaseMs`. When the process dies in between, they are due again after that. Commands to a device that is known to be away are left
 * waiting. Several processes may claim at once.
 */
export async function claimDueCommands(
  pool: Pool,
  nowMs: number,
  leaseMs: number,
  messages: number,
): Promise<ClaimedCommand[]> {
  const claimed = await pool.query<ClaimedCommand>({
    name: 'claim_due_commands',
    text: `
      WITH message AS (
        SELECT c.batch_id, c.device, c.part
        FROM lamp_command AS c LEFT JOIN device ON device.site_id = c.site_id AND device.address = c.device
        WHERE c.state IN (${OPEN}) AND c.due_at <= ${instant('$1')} AND c.expires_at > ${instant('$1')}
          AND coalesce(device.online, true)
        GROUP BY c.batch_id, c.device, c.part ORDER BY min(c.due_at) LIMIT $3
      ), locked AS (
        SELECT c.id FROM lamp_command AS c JOIN message USING (batch_id, device, part)
        WHERE c.state IN (${OPEN}) AND c.due_at <= ${instant('$1')}
        FOR UPDATE OF c SKIP LOCKED
      ), claimed AS (
        UPDATE lamp_command AS c SET due_at = ${instant('$1')} + make_interval(secs => $2::float8 / 1000)
        FROM locked WHERE c.id = locked.id
        RETURNING c.*
      )
      SELECT claimed.id, claimed.batch_id AS "batchId", claimed.part, site.address AS site, claimed.device, lamp.address AS lamp,
        claimed.level_percent AS "levelPercent", claimed.fade_s AS "fadeS", claimed.state, claimed.attempts,
        (extract(epoch FROM claimed.expires_at) * 1000)::float8 AS "expiresAtMs",
        (extract(epoch FROM claimed.created_at) * 1000)::float8 AS "createdAtMs",
        lamp_state.light_level_percent AS "reportedLevelPercent", device.reporting_interval_s AS "reportingIntervalS"
      FROM claimed JOIN lamp ON lamp.id = claimed.lamp_id JOIN site ON site.id = claimed.site_id
      LEFT JOIN device ON device.site_id = claimed.site_id AND device.address = claimed.device
      LEFT JOIN lamp_state ON lamp_state.lamp_id = claimed.lamp_id
      ORDER BY claimed.id`,
    values: [nowMs, leaseMs, messages],
  });
  return claimed.rows;
}

/**
 * The broker has them. `dueMs`: when they are looked at again if nothing is heard. An answer that came after `claimedAtMs` has been
 * faster than this note, and stands.
 */
export async function markSent(
  pool: Pool,
  sent: readonly { readonly id: string; readonly dueMs: number }[],
  nowMs: number,
  claimedAtMs: number,
): Promise<void> {
  if (sent.length === 0) return;
  const isAnswered = `c.acknowledged_at >= ${instant('$4')}`;
  await pool.query({
    name: 'mark_commands_sent',
    text: `
      UPDATE lamp_command AS c SET attempts = c.attempts + 1, sent_at = ${instant('$3')},
        state = CASE WHEN ${isAnswered} THEN c.state ELSE '${TRANSITIONS.published.to}' END,
        due_at = CASE WHEN ${isAnswered} THEN c.due_at ELSE ${instant('input.due')} END
      FROM unnest($1::bigint[], $2::float8[]) AS input (id, due)
      WHERE c.id = input.id AND c.state IN (${statesBefore('published')})`,
    values: [sent.map(({ id }) => id), sent.map(({ dueMs }) => dueMs), nowMs, claimedAtMs],
  });
}

/** They could not be sent: due again at once, and it does not count as a try. */
export async function returnClaims(pool: Pool, ids: readonly string[], dueMs: number): Promise<void> {
  if (ids.length === 0) return;
  await pool.query(
    `UPDATE lamp_command SET due_at = ${instant('$2')} WHERE id = ANY($1::bigint[]) AND state IN (${OPEN})`,
    [ids, dueMs],
  );
}

/** Ends commands that have been tried often enough. */
export async function giveUp(
  pool: Pool,
  given: readonly { readonly id: string; readonly problem: string }[],
  nowMs: number,
): Promise<void> {
  if (given.length === 0) return;
  await pool.query(
    `UPDATE lamp_command AS c SET ${setState('givenUp')}, finished_at = ${instant('$3')}, problem = input.problem
     FROM unnest($1::bigint[], $2::text[]) AS input (id, problem)
     WHERE c.id = input.id AND c.state IN (${statesBefore('givenUp')})`,
    [given.map(({ id }) => id), given.map(({ problem }) => problem), nowMs],
  );
}

/** Ends commands whose time has passed; `problems` has the words for each state. Says how many. */
export async function expireCommands(
  pool: Pool,
  nowMs: number,
  problemOf: (state: CommandState) => string,
): Promise<number> {
  const expired = await pool.query(
    `UPDATE lamp_command SET ${setState('timePassed')}, finished_at = ${instant('$1')},
       problem = CASE state WHEN 'queued' THEN $2 WHEN 'sent' THEN $3 ELSE $4 END
     WHERE state IN (${statesBefore('timePassed')}) AND expires_at <= ${instant('$1')}`,
    [nowMs, problemOf('queued'), problemOf('sent'), problemOf('acknowledged')],
  );
  return expired.rowCount ?? 0;
}

/** Commands of all sites that have not ended, by state. */
export async function countOpenCommands(pool: Pool): Promise<{ state: string; count: number }[]> {
  const found = await pool.query<{ state: string; count: number }>(
    `SELECT state, count(*)::int AS count FROM lamp_command WHERE state IN (${OPEN}) GROUP BY state`,
  );
  return found.rows;
}
