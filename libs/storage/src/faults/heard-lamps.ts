import type { Pool } from '../pool.js';
import { DEFAULT_REPORTING_INTERVAL_S } from '../inventory/lamp-state.repository.js';

/** When a lamp was heard, and what stands around it. */
export interface HeardLampRow {
  readonly lampId: number;
  readonly device: string;
  readonly cabinetId: number | null;
  readonly circuit: string | null;
  readonly heardAtMs: number;
  readonly offlineSinceMs: number | null;
  readonly reportingIntervalS: number;
  readonly isSwitchedByDay: boolean;
  readonly calendarId: number | null;
}

/** Since when ingest has been hearing without a gap, and until when; undefined when it never has. */
export async function readHearing(
  pool: Pool,
): Promise<{ readonly sinceMs: number; readonly untilMs: number } | undefined> {
  const found = await pool.query<{ sinceMs: number; untilMs: number }>(
    `SELECT (extract(epoch FROM coalesce(connected_since, connected_until)) * 1000)::float8 AS "sinceMs",
       (extract(epoch FROM connected_until) * 1000)::float8 AS "untilMs"
     FROM ingest_presence ORDER BY connected_until DESC LIMIT 1`,
  );
  return found.rows[0];
}

export interface SilenceQuery {
  readonly siteId: number;
  readonly nowMs: number;
  /** Nobody could be heard before. */
  readonly hearingSinceMs: number;
  readonly overdueIntervals: number;
  readonly offlineGraceMs: number;
}

const INTERVAL_S = `coalesce(nullif(device.reporting_interval_s, 0), ${DEFAULT_REPORTING_INTERVAL_S})`;
/** A device that has just come back has been heard, though its lamps have not reported yet. */
const HEARD_AT = `greatest(s.received_at, to_timestamp($3::float8 / 1000), CASE WHEN device.online THEN device.status_at END)`;
const IS_SILENT = `(device.online IS FALSE AND greatest(device.status_at, to_timestamp($3::float8 / 1000)) <= to_timestamp(($2::float8 - $5::float8) / 1000)
  OR ${HEARD_AT} < to_timestamp($2::float8 / 1000) - make_interval(secs => $4::float8 * ${INTERVAL_S}))`;
const FROM = `FROM lamp JOIN lamp_state AS s ON s.lamp_id = lamp.id
  LEFT JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
  LEFT JOIN cabinet ON cabinet.id = lamp.cabinet_id
  WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL`;
const valuesOf = ({ siteId, nowMs, hearingSinceMs, overdueIntervals, offlineGraceMs }: SilenceQuery) => [
  siteId,
  nowMs,
  hearingSinceMs,
  overdueIntervals,
  offlineGraceMs,
];

/** How many lamps of a site that have ever been heard there are, and how many of them are silent. */
export async function countSilent(
  pool: Pool,
  query: SilenceQuery,
): Promise<{ readonly watched: number; readonly silent: number }> {
  const found = await pool.query<{ watched: number; silent: number }>({
    name: 'count_silent',
    text: `SELECT count(*)::int AS watched, count(*) FILTER (WHERE ${IS_SILENT})::int AS silent ${FROM}`,
    values: valuesOf(query),
  });
  return found.rows[0] ?? { watched: 0, silent: 0 };
}

/** Silent lamps, and all others of the cabinets and devices that have one: enough to tell whose silence it is. */
export async function readAroundSilence(pool: Pool, query: SilenceQuery): Promise<HeardLampRow[]> {
  const found = await pool.query<HeardLampRow>({
    name: 'read_around_silence',
    text: `
      WITH silent AS MATERIALIZED (SELECT lamp.device, lamp.cabinet_id ${FROM} AND ${IS_SILENT})
      SELECT lamp.id AS "lampId", lamp.device, lamp.cabinet_id AS "cabinetId", lamp.circuit,
        (extract(epoch FROM ${HEARD_AT}) * 1000)::float8 AS "heardAtMs",
        CASE WHEN device.online IS FALSE THEN (extract(epoch FROM greatest(device.status_at, to_timestamp($3::float8 / 1000))) * 1000)::float8 END AS "offlineSinceMs",
        ${INTERVAL_S} AS "reportingIntervalS", coalesce(cabinet.supply = 'switched', false) AS "isSwitchedByDay",
        CASE WHEN cabinet.supply = 'switched' THEN (SELECT calendar_id FROM lamp_calendar WHERE lamp_calendar.lamp_id = lamp.id) END AS "calendarId"
      ${FROM} AND (lamp.device IN (SELECT device FROM silent) OR lamp.cabinet_id IN (SELECT cabinet_id FROM silent))`,
    values: valuesOf(query),
  });
  return found.rows;
}

/** Devices that said with their last breath that they lost their supply, and have not been heard since they said so. */
export async function readLostSupply(pool: Pool, siteId: number, sinceMs: number): Promise<string[]> {
  const found = await pool.query<{ device: string }>(
    `SELECT DISTINCT ON (device) device, event, active FROM reported_event
      WHERE site_id = $1 AND event IN ('supplyLoss', 'batteryMode', 'batteryShutdown', 'deviceReset') AND time > to_timestamp($2::float8 / 1000)
        AND lamp_id = 0
       -- Of a loss and its end at one instant the end counts.
       ORDER BY device, time DESC, active, event`,
    [siteId, sinceMs],
  );
  return (found.rows as { device: string; event: string; active: boolean }[])
    .filter(({ event, active }) => active && event !== 'deviceReset')
    .map(({ device }) => device);
}

/** Whether devices run the program that they shall, and how their clocks stand. */
export interface DeviceConditionRow {
  readonly device: string;
  readonly mismatchSinceMs: number | null;
  readonly lamps: number;
}

/** Devices of a site with a programMismatch. */
export async function readMismatches(pool: Pool, siteId: number): Promise<DeviceConditionRow[]> {
  const found = await pool.query<DeviceConditionRow>(
    `SELECT d.device, (extract(epoch FROM d.mismatch_since) * 1000)::float8 AS "mismatchSinceMs",
       (SELECT count(*)::int FROM lamp WHERE lamp.site_id = d.site_id AND lamp.device = d.device AND lamp.removed_at IS NULL) AS lamps
     FROM device_program AS d WHERE d.site_id = $1 AND d.mismatch_since IS NOT NULL`,
    [siteId],
  );
  return found.rows;
}

/** Something that a device says is wrong with it, or with a lamp of its. */
export interface ReportedFaultRow {
  readonly kind: string;
  readonly device: string;
  /** Null: of the device itself. */
  readonly lampId: number | null;
  readonly cabinetId: number | null;
  readonly circuit: string | null;
  readonly lamps: number;
  readonly atMs: number;
  readonly info: string | null;
}

/** What devices of a site say is wrong now, of these kinds. */
export async function readReportedFaults(
  pool: Pool,
  siteId: number,
  kinds: readonly string[],
): Promise<ReportedFaultRow[]> {
  const found = await pool.query<ReportedFaultRow>({
    name: 'read_reported_faults',
    text: `
      SELECT reported.event AS kind, reported.device, nullif(reported.lamp_id, 0) AS "lampId", place.cabinet_id AS "cabinetId", place.circuit,
        CASE WHEN reported.lamp_id = 0 THEN place.lamps ELSE 1 END AS lamps, (extract(epoch FROM reported.time) * 1000)::float8 AS "atMs",
        reported.info
      FROM reported_event AS reported
      CROSS JOIN LATERAL (
        SELECT min(lamp.cabinet_id) AS cabinet_id, min(lamp.circuit) AS circuit, count(*)::int AS lamps FROM lamp
        WHERE lamp.site_id = reported.site_id AND lamp.device = reported.device AND lamp.removed_at IS NULL
          AND (reported.lamp_id = 0 OR lamp.id = reported.lamp_id)
      ) AS place
      WHERE reported.site_id = $1 AND reported.active AND reported.event = ANY($2::text[]) AND place.lamps > 0`,
    values: [siteId, kinds],
  });
  return found.rows;
}

/** Every site. */
export async function siteIds(pool: Pool): Promise<number[]> {
  return (await pool.query<{ id: number }>('SELECT id FROM site ORDER BY id')).rows.map(({ id }) => id);
}
