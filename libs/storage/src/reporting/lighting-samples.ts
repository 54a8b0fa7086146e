import { DEFAULT_REPORTING_INTERVAL_S, STALE_AFTER_INTERVALS } from '../inventory/lamp-state.repository.js';
import { FLOOR_PERCENT } from '../control/site-schedules.js';
import { CORRECTED_TIME } from '../telemetry/telemetry-writer.js';
import { inTransaction } from '../transaction.js';
import type { Pool } from '../pool.js';
import { IS_LIT } from './nights.js';
import { completeSegments } from './segments.js';

/** A lamp in service at an instant: what its newest reading shows, and what decides on what it should have shown then. */
export interface SampledLamp {
  readonly segmentId: number;
  readonly lampTypeId: number;
  readonly calendarId: number | null;
  readonly floorPercent: number;
  /** When the reading was taken; null: there is none. */
  readonly readAtMs: number | null;
  /** Of the override that was in force then. */
  readonly overrideLevelPercent: number | null;
  readonly isCurrent: boolean;
  readonly isLit: boolean;
  readonly isUnavailable: boolean;
  readonly lightLevelPercent: number | null;
  readonly activePowerW: number | null;
}

/** What the power of a lamp type is made of, as it is stored. */
export interface StoredPowerModel {
  readonly lampTypeId: number;
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
  readonly powerCurve: readonly (readonly [number, number])[];
}

/** What the lamps of a segment do at an instant: a row of `lighting_sample`. */
export interface LightingSample {
  readonly segmentId: number;
  readonly lamps: number;
  readonly currentLamps: number;
  readonly litLamps: number;
  readonly unavailableLamps: number;
  readonly comparedLamps: number;
  readonly wantedLevelSum: number;
  readonly reportedLevelSum: number;
  readonly powerW: number;
  readonly comparedPowerW: number;
  readonly expectedPowerW: number;
}

/** No reading that counts is older: the contract lets devices report once a day. */
const OLDEST_CURRENT_S = STALE_AFTER_INTERVALS * 86_400;

/** Every lamp of a site in service, as it is at `nowMs`. */
export async function readLampsToSample(pool: Pool, siteId: number, nowMs: number): Promise<SampledLamp[]> {
  return inTransaction(pool, async (client) => {
    await completeSegments(client, siteId);
    const found = await client.query<SampledLamp>({
      name: 'read_lamps_to_sample',
      text: `
        WITH in_force AS (
          SELECT DISTINCT ON (target.lamp_id) target.lamp_id, o.level_percent
          FROM level_override AS o JOIN level_override_target AS target ON target.override_id = o.id
          JOIN lamp_state AS s ON s.lamp_id = target.lamp_id
          WHERE o.site_id = $1 AND o.expires_at > to_timestamp($2::float8 / 1000) - make_interval(secs => ${OLDEST_CURRENT_S})
            AND o.starts_at <= ${CORRECTED_TIME('s')} AND o.expires_at > ${CORRECTED_TIME('s')}
            AND (o.released_at IS NULL OR o.released_at > ${CORRECTED_TIME('s')})
          ORDER BY target.lamp_id, o.priority DESC, o.serial DESC
        )
        SELECT segment.segment_id AS "segmentId", lamp.lamp_type_id AS "lampTypeId", lamp_calendar.calendar_id AS "calendarId",
          ${FLOOR_PERCENT} AS "floorPercent", (extract(epoch FROM ${CORRECTED_TIME('s')}) * 1000)::float8 AS "readAtMs", in_force.level_percent AS "overrideLevelPercent",
          coalesce(s.time >= to_timestamp($2::float8 / 1000) - make_interval(secs =>
            ${STALE_AFTER_INTERVALS}.0 * coalesce(nullif(device.reporting_interval_s, 0), ${DEFAULT_REPORTING_INTERVAL_S})), false) AS "isCurrent",
          ${IS_LIT} AS "isLit", unavailable.lamp_id IS NOT NULL AS "isUnavailable",
          s.light_level_percent AS "lightLevelPercent", s.active_power_w AS "activePowerW"
        FROM lamp JOIN lamp_in_segment AS segment ON segment.lamp_id = lamp.id
        JOIN site ON site.id = lamp.site_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
        LEFT JOIN lamp_state AS s ON s.lamp_id = lamp.id
        LEFT JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
        LEFT JOIN lamp_calendar ON lamp_calendar.lamp_id = lamp.id
        LEFT JOIN in_force ON in_force.lamp_id = lamp.id
        LEFT JOIN dashboard.unavailable_lamp AS unavailable ON unavailable.lamp_id = lamp.id
        WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL`,
      values: [siteId, nowMs],
    });
    return found.rows;
  });
}

/** The power models of every lamp type. */
export async function readPowerModels(pool: Pool): Promise<StoredPowerModel[]> {
  const found = await pool.query<StoredPowerModel>(
    `SELECT id AS "lampTypeId", rated_power_w AS "ratedPowerW", standby_power_w AS "standbyPowerW", power_curve AS "powerCurve" FROM lamp_type`,
  );
  return found.rows;
}

/** When the newest sample of a site was taken; undefined when none has been. */
export async function lastSampledMs(pool: Pool, siteId: number): Promise<number | undefined> {
  const found = await pool.query<{ ms: number }>(
    `SELECT (extract(epoch FROM sample.time) * 1000)::float8 AS ms FROM lighting_sample AS sample
     JOIN lamp_segment AS segment ON segment.id = sample.segment_id WHERE segment.site_id = $1 ORDER BY sample.time DESC LIMIT 1`,
    [siteId],
  );
  return found.rows[0]?.ms;
}

/** Stores the samples of an instant; those of the same instant are replaced. Older ones than `keepFromMs` are forgotten. */
export async function writeLightingSamples(
  pool: Pool,
  atMs: number,
  samples: readonly LightingSample[],
  keepFromMs: number,
): Promise<void> {
  const of = (key: keyof LightingSample) => samples.map((sample) => sample[key]);
  await pool.query(
    `INSERT INTO lighting_sample (time, segment_id, lamps, current_lamps, lit_lamps, unavailable_lamps, compared_lamps, wanted_level_sum,
       reported_level_sum, power_w, compared_power_w, expected_power_w)
     SELECT to_timestamp($1::float8 / 1000), input.* FROM unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::float8[],
       $9::float8[], $10::float8[], $11::float8[], $12::float8[]) AS input
     ON CONFLICT (segment_id, time) DO UPDATE SET lamps = excluded.lamps, current_lamps = excluded.current_lamps, lit_lamps = excluded.lit_lamps,
       unavailable_lamps = excluded.unavailable_lamps, compared_lamps = excluded.compared_lamps, wanted_level_sum = excluded.wanted_level_sum,
       reported_level_sum = excluded.reported_level_sum, power_w = excluded.power_w, compared_power_w = excluded.compared_power_w,
       expected_power_w = excluded.expected_power_w`,
    [
      atMs,
      ...[of('segmentId'), of('lamps'), of('currentLamps'), of('litLamps'), of('unavailableLamps')],
      ...[of('comparedLamps'), of('wantedLevelSum'), of('reportedLevelSum')],
      ...[of('powerW'), of('comparedPowerW'), of('expectedPowerW')],
    ],
  );
  await pool.query('DELETE FROM lighting_sample WHERE time < to_timestamp($1::float8 / 1000)', [keepFromMs]);
}
