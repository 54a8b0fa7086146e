import type { LampMemory, Thresholds } from '#libs/faults';
import type { Pool } from '../pool.js';
import { CORRECTED_TIME } from '../telemetry/telemetry-writer.js';
import { FLOOR_PERCENT, HELD_PERCENT } from '../control/site-schedules.js';

/** A lamp whose newest reading has not been judged yet, with everything that judging takes. */
export interface WatchedLamp {
  readonly lampId: number;
  readonly lamp: string;
  readonly device: string;
  readonly cabinetId: number | null;
  readonly roadClass: string | null;
  readonly reportingIntervalS: number | null;
  readonly calendarId: number | null;
  readonly floorPercent: number;
  readonly minLevelPercent: number;
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
  readonly powerCurve: readonly (readonly [number, number])[];
  /** Of the lamp type, the groups in the order of their addresses, and the lamp: the later go before the earlier. */
  readonly thresholds: readonly Partial<Thresholds>[];
  /** When it was read, by the right clock. */
  readonly atMs: number;
  /** When it was read, by the device's own clock, after which it switches. */
  readonly timeMs: number;
  readonly receivedAtMs: number;
  readonly lightLevelPercent: number | null;
  readonly levelInEffectPercent: number | null;
  readonly levelReason: string | null;
  readonly activePowerW: number | null;
  readonly supplyVoltageV: number | null;
  readonly supplyCurrentA: number | null;
  readonly powerFactor: number | null;
  readonly temperatureC: number | null;
  readonly switchOnCount: number | null;
  readonly events: readonly string[] | null;
  /** Of the message that brought the reading. */
  readonly messageId: string | null;
  /** A command to it is under way: what it should be doing is not settled. */
  readonly isBeingCommanded: boolean;
  readonly memory: LampMemory | null;
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** The lamps of a site that have reported since they were judged, in the order of their ids. */
export async function unjudgedLampIds(pool: Pool, siteId: number): Promise<number[]> {
  const found = await pool.query<{ id: number }>({
    name: 'unjudged_lamps',
    text: `
      SELECT lamp.id FROM lamp JOIN lamp_state AS s ON s.lamp_id = lamp.id LEFT JOIN lamp_watch AS watch ON watch.lamp_id = lamp.id
      WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL AND (watch.judged_at IS NULL OR s.received_at > watch.judged_at) ORDER BY lamp.id`,
    values: [siteId],
  });
  return found.rows.map(({ id }) => id);
}

/** Lamps as they are now, in the order of their ids. A city need not fit in memory: some thousands at a time. */
export async function readWatchedLamps(pool: Pool, lampIds: readonly number[]): Promise<WatchedLamp[]> {
  if (lampIds.length === 0) return [];
  // Ids and not a join: with them the view of the calendars looks at these lamps only, not at the whole city for every page.
  // No named statement: its one plan for any number of lamps would be the wrong one.
  const found = await pool.query<WatchedLamp>({
    text: `
      SELECT lamp.id AS "lampId", lamp.address AS lamp, lamp.device, lamp.cabinet_id AS "cabinetId", lamp.road_class AS "roadClass",
        device.reporting_interval_s AS "reportingIntervalS", lamp_calendar.calendar_id AS "calendarId",
        ${FLOOR_PERCENT} AS "floorPercent", ${HELD_PERCENT} AS "minLevelPercent", lamp_type.rated_power_w AS "ratedPowerW",
        lamp_type.standby_power_w AS "standbyPowerW", lamp_type.power_curve AS "powerCurve",
        CASE WHEN lamp_type.thresholds = '{}' AND lamp.thresholds = '{}' AND groups.thresholds IS NULL THEN '[]'::jsonb
          ELSE jsonb_build_array(lamp_type.thresholds) || coalesce(groups.thresholds, '[]') || jsonb_build_array(lamp.thresholds) END AS thresholds,
        ${ms(CORRECTED_TIME('s'))} AS "atMs", ${ms('s.time')} AS "timeMs", ${ms('s.received_at')} AS "receivedAtMs", s.light_level_percent AS "lightLevelPercent",
        s.level_in_effect_percent AS "levelInEffectPercent", s.level_reason AS "levelReason", s.active_power_w AS "activePowerW",
        s.supply_voltage_v AS "supplyVoltageV", s.supply_current_a AS "supplyCurrentA", s.power_factor AS "powerFactor",
        s.temperature_c AS "temperatureC", s.switch_on_count::float8 AS "switchOnCount",
        -- Where readings do not list what is wrong, the device's own messages do.
        coalesce(s.events, reported.events) AS events, s.message_id AS "messageId",
        coalesce(command.state IN ('queued', 'sent', 'acknowledged'), false) AS "isBeingCommanded", watch.memory
      FROM lamp JOIN lamp_state AS s ON s.lamp_id = lamp.id
      JOIN site ON site.id = lamp.site_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
      LEFT JOIN lamp_watch AS watch ON watch.lamp_id = lamp.id
      LEFT JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
      LEFT JOIN (SELECT lamp_id, calendar_id FROM lamp_calendar WHERE lamp_id = ANY($1::int[])) AS lamp_calendar ON lamp_calendar.lamp_id = lamp.id
      LEFT JOIN (
        SELECT lamp_id, array_agg(event ORDER BY event) AS events FROM reported_event
        WHERE active AND lamp_id = ANY($1::int[]) GROUP BY lamp_id
      ) AS reported ON reported.lamp_id = lamp.id
      LEFT JOIN lamp_commanded AS commanded ON commanded.lamp_id = lamp.id
      LEFT JOIN lamp_command AS command ON command.id = commanded.command_id
      LEFT JOIN LATERAL (
        SELECT jsonb_agg(lamp_group.thresholds ORDER BY lamp_group.address) AS thresholds
        FROM lamp_group_member AS member JOIN lamp_group ON lamp_group.id = member.group_id
        WHERE member.lamp_id = lamp.id AND lamp_group.thresholds <> '{}') AS groups ON true
      WHERE lamp.id = ANY($1::int[]) AND s.lamp_id = ANY($1::int[])
      ORDER BY lamp.id`,
    values: [lampIds],
  });
  return found.rows;
}

/** An override that speaks of a lamp, now or a while ago. */
export interface LampOverride {
  readonly lampId: number;
  readonly levelPercent: number;
  readonly fadeS: number;
  readonly priority: number;
  readonly serial: number;
  readonly startsAtMs: number;
  /** When it ended or will: its expiry, or its release. */
  readonly endsAtMs: number;
}

/** Overrides of these lamps that held at some time since `sinceMs`. */
export async function readLampOverrides(
  pool: Pool,
  siteId: number,
  lampIds: readonly number[],
  sinceMs: number,
): Promise<LampOverride[]> {
  const found = await pool.query<LampOverride>({
    name: 'read_lamp_overrides',
    text: `
      SELECT target.lamp_id AS "lampId", o.level_percent AS "levelPercent", o.fade_s AS "fadeS", o.priority, o.serial::float8 AS serial,
        ${ms('o.starts_at')} AS "startsAtMs", ${ms('least(o.expires_at, o.released_at)')} AS "endsAtMs"
      FROM level_override AS o JOIN level_override_target AS target ON target.override_id = o.id
      WHERE o.site_id = $1 AND target.lamp_id = ANY($2::int[]) AND least(o.expires_at, o.released_at) > to_timestamp($3::float8 / 1000)`,
    values: [siteId, lampIds, sinceMs],
  });
  return found.rows;
}

/** Whether a site has had an override since an instant: most have none. */
export async function hasOverridesSince(pool: Pool, siteId: number, sinceMs: number): Promise<boolean> {
  const found = await pool.query(
    `SELECT FROM level_override WHERE site_id = $1 AND least(expires_at, released_at) > to_timestamp($2::float8 / 1000) LIMIT 1`,
    [siteId, sinceMs],
  );
  return found.rows.length > 0;
}
