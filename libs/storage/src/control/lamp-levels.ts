import type { CommandState, OverridePriority } from '#libs/commands';
import { lampConditions, type LampFilter } from '../inventory/lamp-filter.js';
import { SqlParameters } from '../inventory/sql-parameters.js';
import type { Pool } from '../pool.js';
import { FLOOR_PERCENT, HELD_PERCENT } from './site-schedules.js';

/** What was commanded to a lamp, what its controller says it does, and what the lamp shows. */
export interface LampLevelRow {
  readonly lamp: string;
  readonly device: string;
  readonly deviceOnline: boolean | null;
  readonly storesProgram: boolean | null;
  readonly reportingIntervalS: number | null;
  readonly calendarId: number | null;
  readonly floorPercent: number;
  readonly minLevelPercent: number;
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
  /** The override in force. */
  readonly overrideId: string | null;
  readonly overridePriority: OverridePriority | null;
  readonly overrideLevelPercent: number | null;
  readonly overrideFadeS: number | null;
  readonly overrideStartsAtMs: number | null;
  readonly overrideExpiresAtMs: number | null;
  /** The last command to the lamp. */
  readonly commandState: CommandState | null;
  readonly commandProblem: string | null;
  readonly commandCreatedAtMs: number | null;
  /** Since when the last command has its say: when it was made, or, where its level has run out, when it did. */
  readonly toldAtMs: number | null;
  /** The newest reading. */
  readonly readingAtMs: number | null;
  readonly levelInEffectPercent: number | null;
  readonly levelReason: string | null;
  readonly lightLevelPercent: number | null;
  readonly activePowerW: number | null;
  /** The device's program: what it shall run, what it says it runs. */
  readonly desiredHash: string | null;
  readonly reportedHash: string | null;
  readonly mismatchSince: Date | null;
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** The lamps of a site in service, in the order of their addresses, from the one after `after`. `nowMs` decides which override is in force. */
export async function listLampLevels(
  pool: Pool,
  siteId: number,
  filter: LampFilter & { readonly lamp?: string | undefined },
  nowMs: number,
  after: string | undefined,
  take: number,
): Promise<LampLevelRow[]> {
  const parameters = new SqlParameters();
  const now = `to_timestamp(${parameters.add(nowMs)}::float8 / 1000.0)`;
  const conditions = [
    `l.site_id = ${parameters.add(siteId)}`,
    'l.removed_at IS NULL',
    ...lampConditions(filter, parameters),
  ];
  if (filter.lamp !== undefined) conditions.push(`l.address = ${parameters.add(filter.lamp)}`);
  if (after !== undefined) conditions.push(`l.address > ${parameters.add(after)}`);
  const found = await pool.query<LampLevelRow>(
    `WITH lamp AS (
       SELECT l.* FROM lamp AS l JOIN lamp_type AS t ON t.id = l.lamp_type_id LEFT JOIN cabinet AS c ON c.id = l.cabinet_id
       WHERE ${conditions.join(' AND ')} ORDER BY l.address LIMIT ${parameters.add(take)}
     ), in_force AS (
       SELECT DISTINCT ON (target.lamp_id) target.lamp_id, o.*
       FROM level_override AS o JOIN level_override_target AS target ON target.override_id = o.id
       WHERE o.site_id = ${parameters.add(siteId)} AND o.released_at IS NULL AND o.starts_at <= ${now} AND o.expires_at > ${now}
       ORDER BY target.lamp_id, o.priority DESC, o.serial DESC
     )
     SELECT lamp.address AS lamp, lamp.device, device.online AS "deviceOnline", device.stores_program AS "storesProgram",
       device.reporting_interval_s AS "reportingIntervalS", lamp_calendar.calendar_id AS "calendarId", ${FLOOR_PERCENT} AS "floorPercent",
       ${HELD_PERCENT} AS "minLevelPercent", lamp_type.rated_power_w AS "ratedPowerW",
       lamp_type.standby_power_w AS "standbyPowerW",
       in_force.id AS "overrideId", CASE in_force.priority WHEN 2 THEN 'emergency' WHEN 1 THEN 'manual' END AS "overridePriority",
       in_force.level_percent AS "overrideLevelPercent", in_force.fade_s AS "overrideFadeS",
       ${ms('in_force.starts_at')} AS "overrideStartsAtMs", ${ms('in_force.expires_at')} AS "overrideExpiresAtMs",
       command.state AS "commandState", command.problem AS "commandProblem", ${ms('command.created_at')} AS "commandCreatedAtMs",
       CASE WHEN commanded.level_percent IS NOT NULL AND commanded.expires_at <= ${now} THEN ${ms('commanded.expires_at')}
         ELSE ${ms('command.created_at')} END AS "toldAtMs",
       ${ms('s.time')} AS "readingAtMs", s.level_in_effect_percent AS "levelInEffectPercent", s.level_reason AS "levelReason",
       s.light_level_percent AS "lightLevelPercent", s.active_power_w AS "activePowerW",
       program.desired_hash AS "desiredHash", program.reported_hash AS "reportedHash", program.mismatch_since AS "mismatchSince"
     FROM lamp JOIN site ON site.id = lamp.site_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
     LEFT JOIN lamp_calendar ON lamp_calendar.lamp_id = lamp.id
     LEFT JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
     LEFT JOIN device_program AS program ON program.site_id = lamp.site_id AND program.device = lamp.device
     LEFT JOIN in_force ON in_force.lamp_id = lamp.id
     LEFT JOIN lamp_commanded AS commanded ON commanded.lamp_id = lamp.id
     LEFT JOIN lamp_command AS command ON command.id = commanded.command_id
     LEFT JOIN lamp_state AS s ON s.lamp_id = lamp.id
     ORDER BY lamp.address`,
    parameters.values,
  );
  return found.rows;
}
