import type { Pool } from '../pool.js';
import { HELD_PERCENT } from './site-schedules.js';
import { instant, setState, statesBefore } from './command-sql.js';

/** A command that may have been carried out: its lamp has reported since it was told. */
export interface ReportedCommand {
  readonly id: string;
  readonly levelPercent: number | null;
  readonly lightLevelPercent: number | null;
  readonly levelReason: string | null;
  readonly activePowerW: number | null;
  readonly minLevelPercent: number;
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
}

/**
 * Commands on their way whose lamp has a reading from after the device decided (by the device's clock, which makes both times), or,
 * without an answer, from after it was sent; received since `receivedAfterMs`, so that a reading is judged once.
 */
export async function reportedCommands(pool: Pool, receivedAfterMs: number): Promise<ReportedCommand[]> {
  const found = await pool.query<ReportedCommand>({
    name: 'reported_commands',
    text: `
      SELECT c.id, c.level_percent AS "levelPercent", s.light_level_percent AS "lightLevelPercent",
        s.level_reason AS "levelReason", s.active_power_w AS "activePowerW", ${HELD_PERCENT} AS "minLevelPercent",
        lamp_type.rated_power_w AS "ratedPowerW", lamp_type.standby_power_w AS "standbyPowerW"
      FROM lamp_command AS c JOIN lamp_state AS s ON s.lamp_id = c.lamp_id
      JOIN lamp ON lamp.id = c.lamp_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
      WHERE c.state IN ('sent', 'acknowledged') AND s.time >= coalesce(c.device_time, c.sent_at)
        AND greatest(s.received_at, c.acknowledged_at, c.sent_at) >= ${instant('$1')}`,
    values: [receivedAfterMs],
  });
  return found.rows;
}

/** The lamps show what they were told. */
export async function markConfirmed(pool: Pool, ids: readonly string[], nowMs: number): Promise<void> {
  if (ids.length === 0) return;
  await pool.query({
    name: 'mark_commands_confirmed',
    text: `UPDATE lamp_command SET ${setState('confirmed')}, finished_at = ${instant('$2')}
           WHERE id = ANY($1::bigint[]) AND state IN (${statesBefore('confirmed')})`,
    values: [ids, nowMs],
  });
}
