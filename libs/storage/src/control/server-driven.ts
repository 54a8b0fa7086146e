import type { Pool, PoolClient } from '../pool.js';
import { instant, OPEN, setState } from './command-sql.js';
import { lockSiteTask } from './site-lock.js';

/** Sites with devices that cannot store programs. */
export async function serverDrivenSites(pool: Pool): Promise<number[]> {
  const found = await pool.query<{ siteId: number }>(
    `SELECT DISTINCT site_id AS "siteId" FROM device WHERE stores_program IS FALSE ORDER BY 1`,
  );
  return found.rows.map(({ siteId }) => siteId);
}

/** What a lamp of a device without a program store has been told last. */
export interface CommandedLamp {
  readonly lampId: number;
  /** An override holds, or a release has not been followed by a level yet. */
  readonly isOverridden: boolean;
  readonly levelPercent: number | null;
  readonly expiresAtMs: number | null;
  readonly isOpenOrDone: boolean;
}

/** What the lamps of devices that cannot store programs have been told last. */
export async function readServerDrivenLamps(pool: Pool, siteId: number, nowMs: number): Promise<CommandedLamp[]> {
  const found = await pool.query<CommandedLamp>(
    `SELECT lamp.id AS "lampId",
       coalesce(commanded.override_id IS NOT NULL AND commanded.expires_at > ${instant('$2')}, false) AS "isOverridden",
       commanded.level_percent AS "levelPercent", (extract(epoch FROM commanded.expires_at) * 1000)::float8 AS "expiresAtMs",
       -- What failed is tried again once the device has come back.
       coalesce(command.state IN (${OPEN}, 'confirmed') OR device.status_at <= command.finished_at, false) AS "isOpenOrDone"
     FROM lamp JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device AND device.stores_program IS FALSE
     LEFT JOIN lamp_commanded AS commanded ON commanded.lamp_id = lamp.id
     LEFT JOIN lamp_command AS command ON command.id = commanded.command_id
     WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL`,
    [siteId, nowMs],
  );
  return found.rows;
}

/** A switch point for one lamp. */
export interface SwitchCommand {
  readonly lampId: number;
  readonly levelPercent: number;
  readonly fadeS: number;
  readonly expiresAtMs: number;
  /** Lamps of one device with different levels are told in different messages. */
  readonly part: number;
}

/** Makes commands of switch points, inside the caller's transaction, but not where an override has come in between. */
export async function planSwitchCommands(
  client: PoolClient,
  siteId: number,
  commands: readonly SwitchCommand[],
  nowMs: number,
): Promise<number> {
  if (commands.length === 0) return 0;
  await lockSiteTask(client, 'plan', siteId);
  const made = await client.query({
    name: 'plan_switch_commands',
    text: `
      WITH input AS (
        SELECT input.* FROM unnest($3::int[], $4::float8[], $5::float8[], $6::float8[], $7::int[])
          AS input (lamp_id, level, fade_s, expires_ms, part)
        WHERE NOT EXISTS (SELECT FROM lamp_commanded AS c WHERE c.lamp_id = input.lamp_id AND c.override_id IS NOT NULL
          AND c.expires_at > ${instant('$2')})
      ), batch AS (
        INSERT INTO command_batch (id, site_id, kind, created_at)
        SELECT gen_random_uuid(), $1, 'serverDriven', ${instant('$2')} WHERE EXISTS (SELECT FROM input) RETURNING id
      ), replaced AS (
        UPDATE lamp_command SET ${setState('cancelled')}, finished_at = ${instant('$2')}, problem = 'a later command replaced it'
        WHERE lamp_id IN (SELECT lamp_id FROM input) AND state IN (${OPEN})
      ), made AS (
        INSERT INTO lamp_command (batch_id, site_id, lamp_id, device, cabinet_id, part, level_percent, fade_s, expires_at, state,
          due_at, created_at)
        SELECT batch.id, $1, lamp.id, lamp.device, lamp.cabinet_id, input.part, input.level, input.fade_s,
          ${instant('input.expires_ms')}, 'queued', ${instant('$2')}, ${instant('$2')}
        FROM input JOIN lamp ON lamp.id = input.lamp_id CROSS JOIN batch
        RETURNING id, lamp_id, level_percent, expires_at
      )
      INSERT INTO lamp_commanded (lamp_id, command_id, override_id, level_percent, expires_at)
      SELECT lamp_id, id, NULL, level_percent, expires_at FROM made
      ON CONFLICT (lamp_id) DO UPDATE SET command_id = excluded.command_id, override_id = NULL,
        level_percent = excluded.level_percent, expires_at = excluded.expires_at`,
    values: [
      siteId,
      nowMs,
      commands.map(({ lampId }) => lampId),
      commands.map(({ levelPercent }) => levelPercent),
      commands.map(({ fadeS }) => fadeS),
      commands.map(({ expiresAtMs }) => expiresAtMs),
      commands.map(({ part }) => part),
    ],
  });
  return made.rowCount ?? 0;
}
