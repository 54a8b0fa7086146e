import type { PoolClient } from '../pool.js';
import { instant, OPEN, setState } from './command-sql.js';
import { lockSiteTask } from './site-lock.js';

/** Lamps in one message to a device. */
export const LAMPS_PER_MESSAGE = 500;

export interface PlanSettings {
  readonly nowMs: number;
  /** Lamps of a cabinet that are told per second of the city's clock: they must not all switch at one instant. */
  readonly cabinetLampsPerS: number;
  /** Who asked; undefined when the clock did. */
  readonly by?: string | undefined;
}

export interface PlannedBatch {
  readonly batchId: string;
  readonly kind: 'override' | 'release' | 'reapply';
  /** Null: the override went with its group or cabinet, and its lamps are released. */
  readonly overrideId: string | null;
  readonly lamps: number;
}

/**
 * Makes the commands that bring the lamps of a site to what its overrides say now, inside the caller's transaction. It compares the
 * override in force for each lamp (the emergency, of equals the latest) with what the lamp has been told last, so that one statement
 * serves a new override, one that begins or is released, a lamp that joins its group, and a device that lost its override in a power
 * cut or failed and is back. Doing it again makes nothing. A later command to a lamp cancels the open earlier ones.
 */
export async function planOverrideCommands(
  client: PoolClient,
  siteId: number,
  { nowMs, cabinetLampsPerS, by }: PlanSettings,
): Promise<PlannedBatch[]> {
  await lockSiteTask(client, 'plan', siteId);
  const planned = await client.query<PlannedBatch>({
    name: 'plan_override_commands',
    text: PLAN,
    values: [siteId, nowMs, cabinetLampsPerS, by ?? null],
  });
  return planned.rows;
}

const NOW = instant('$2');
const PLAN = `
  WITH in_force AS (
    SELECT DISTINCT ON (target.lamp_id) target.lamp_id, o.id AS override_id, o.level_percent, o.fade_s, o.expires_at
    FROM level_override AS o JOIN level_override_target AS target ON target.override_id = o.id
    WHERE o.site_id = $1 AND o.released_at IS NULL AND o.starts_at <= ${NOW} AND o.expires_at > ${NOW}
    ORDER BY target.lamp_id, o.priority DESC, o.serial DESC
  ), told AS (
    SELECT commanded.*, known.id AS known_id, command.state, command.finished_at, lamp.device, command.device AS told_device
    FROM lamp_commanded AS commanded
    JOIN lamp ON lamp.id = commanded.lamp_id AND lamp.site_id = $1 AND lamp.removed_at IS NULL
    LEFT JOIN lamp_command AS command ON command.id = commanded.command_id
    LEFT JOIN level_override AS known ON known.id = commanded.override_id
    WHERE commanded.override_id IS NOT NULL AND commanded.expires_at > ${NOW}
  ), due AS (
    SELECT lamp_id, coalesce(in_force.override_id, told.known_id) AS override_id,
      CASE
        WHEN in_force.override_id IS NULL THEN 'release'
        WHEN EXISTS (SELECT FROM command_batch WHERE command_batch.override_id = in_force.override_id) THEN 'reapply'
        ELSE 'override'
      END AS kind,
      in_force.level_percent, coalesce(in_force.fade_s, 0) AS fade_s, coalesce(in_force.expires_at, told.expires_at) AS expires_at
    FROM in_force FULL JOIN told USING (lamp_id)
    WHERE in_force.override_id IS DISTINCT FROM told.override_id
      -- Another device speaks for the lamp by now.
      OR told.told_device <> told.device
      -- It gave up, and the device has come back since.
      OR told.state = 'failed' AND EXISTS (
        SELECT FROM device WHERE device.site_id = $1 AND device.address = told.device
          AND device.online AND device.status_at > told.finished_at)
      -- It was confirmed, and the lamp has gone back to its program since: the controller forgot it.
      OR told.state = 'confirmed' AND EXISTS (
        SELECT FROM lamp_state WHERE lamp_state.lamp_id = told.lamp_id
          AND lamp_state.received_at > told.finished_at AND lamp_state.level_reason IN ('default', 'calendar'))
  ), batch AS (
    INSERT INTO command_batch (id, site_id, kind, override_id, created_at, created_by)
    SELECT gen_random_uuid(), $1, kind, override_id, ${NOW}, $4 FROM (SELECT DISTINCT kind, override_id FROM due) AS wanted
    RETURNING id, kind, override_id
  ), numbered AS (
    SELECT due.*, lamp.device, lamp.cabinet_id,
      (row_number() OVER (PARTITION BY due.override_id, due.kind, lamp.device ORDER BY lamp.id) - 1) / ${LAMPS_PER_MESSAGE} AS part,
      row_number() OVER (PARTITION BY lamp.cabinet_id ORDER BY lamp.device, lamp.id) - 1 AS nth_of_cabinet
    FROM due JOIN lamp ON lamp.id = due.lamp_id
  ), paced AS (
    SELECT numbered.*,
      min(nth_of_cabinet) OVER (PARTITION BY override_id, kind, device, part) / $3::float8 AS wait_s
    FROM numbered
  ), replaced AS (
    UPDATE lamp_command SET ${setState('cancelled')}, finished_at = ${NOW}, problem = 'a later command replaced it'
    WHERE lamp_id IN (SELECT lamp_id FROM due) AND state IN (${OPEN})
  ), made AS (
    INSERT INTO lamp_command (batch_id, site_id, lamp_id, device, cabinet_id, part, level_percent, fade_s, expires_at, state,
      due_at, created_at)
    SELECT batch.id, $1, paced.lamp_id, paced.device, paced.cabinet_id, paced.part, paced.level_percent, paced.fade_s,
      paced.expires_at, 'queued', ${NOW} + make_interval(secs => paced.wait_s), ${NOW}
    FROM paced JOIN batch ON batch.kind = paced.kind AND batch.override_id IS NOT DISTINCT FROM paced.override_id
    RETURNING id, batch_id, lamp_id, level_percent, expires_at
  ), noted AS (
    INSERT INTO lamp_commanded (lamp_id, command_id, override_id, level_percent, expires_at)
    SELECT made.lamp_id, made.id, CASE WHEN batch.kind = 'release' THEN NULL ELSE batch.override_id END,
      made.level_percent, made.expires_at
    FROM made JOIN batch ON batch.id = made.batch_id
    ON CONFLICT (lamp_id) DO UPDATE SET command_id = excluded.command_id, override_id = excluded.override_id,
      level_percent = excluded.level_percent, expires_at = excluded.expires_at
  )
  SELECT batch.id AS "batchId", batch.kind, batch.override_id AS "overrideId", count(*)::int AS lamps
  FROM made JOIN batch ON batch.id = made.batch_id GROUP BY batch.id, batch.kind, batch.override_id`;

/** Sites whose lamps are, or were told to be, under an override: the others have nothing to plan. */
export async function sitesUnderOverride(client: Pick<PoolClient, 'query'>, nowMs: number): Promise<number[]> {
  const found = await client.query<{ site_id: number }>(
    `SELECT site_id FROM level_override
      WHERE released_at IS NULL AND starts_at <= ${instant('$1')} AND expires_at > ${instant('$1')}
     UNION
     SELECT lamp.site_id FROM lamp_commanded JOIN lamp ON lamp.id = lamp_commanded.lamp_id
      WHERE lamp_commanded.override_id IS NOT NULL AND lamp_commanded.expires_at > ${instant('$1')}`,
    [nowMs],
  );
  return found.rows.map(({ site_id }) => site_id);
}
