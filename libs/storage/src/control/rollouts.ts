import type { Pool } from '../pool.js';
import type { ProgramInUse } from './device-programs.js';

/** How far a version of a program has come to the devices that shall run it. */
export interface RolloutRow {
  readonly program: string;
  readonly version: number;
  readonly devices: number;
  readonly lamps: number;
  /** Devices that say they run it, and their lamps. */
  readonly runningDevices: number;
  readonly runningLamps: number;
  /** Not handed to the broker yet. */
  readonly unpublishedDevices: number;
  /** With the broker; the device is away and gets it when it returns. */
  readonly awayDevices: number;
  /** Online, and not said to run it yet. */
  readonly pendingDevices: number;
  /** Of the pending ones, those raised as programMismatch. */
  readonly mismatchedDevices: number;
}

/** Of every program that a device of the site shall run, in the version it shall run. */
export async function listRollouts(pool: Pool, siteId: number): Promise<RolloutRow[]> {
  const found = await pool.query<RolloutRow>(
    `WITH device_part AS (
       SELECT wanted.program, wanted.version, wanted.lamps, d.reported_hash IS NOT DISTINCT FROM d.desired_hash AS runs,
         d.published_hash IS DISTINCT FROM d.desired_hash AS unpublished, coalesce(device.online, false) AS online,
         d.mismatch_since IS NOT NULL AS mismatched
       FROM device_program AS d LEFT JOIN device ON device.site_id = d.site_id AND device.address = d.device
       CROSS JOIN LATERAL jsonb_to_recordset(d.desired_programs) AS wanted (program text, version int, lamps int)
       WHERE d.site_id = $1
     )
     SELECT program, version, count(*)::int AS devices, sum(lamps)::int AS lamps,
       count(*) FILTER (WHERE runs)::int AS "runningDevices", coalesce(sum(lamps) FILTER (WHERE runs), 0)::int AS "runningLamps",
       count(*) FILTER (WHERE NOT runs AND unpublished)::int AS "unpublishedDevices",
       count(*) FILTER (WHERE NOT runs AND NOT unpublished AND NOT online)::int AS "awayDevices",
       count(*) FILTER (WHERE NOT runs AND NOT unpublished AND online)::int AS "pendingDevices",
       count(*) FILTER (WHERE NOT runs AND mismatched)::int AS "mismatchedDevices"
     FROM device_part GROUP BY program, version ORDER BY program, version`,
    [siteId],
  );
  return found.rows;
}

/** One device: what it shall run, what the broker has for it, what it says. */
export interface DeviceRolloutRow {
  readonly device: string;
  readonly online: boolean | null;
  readonly desiredHash: string;
  readonly desiredAt: Date;
  readonly desiredPrograms: readonly ProgramInUse[];
  readonly publishedHash: string | null;
  readonly publishedAt: Date | null;
  readonly resends: number;
  readonly reportedHash: string | null;
  readonly reportedAt: Date | null;
  readonly runningPrograms: readonly ProgramInUse[] | null;
  readonly mismatchSince: Date | null;
}

export interface DeviceRolloutFilter {
  readonly program?: string | undefined;
  /** True: only those that do not run what they shall. */
  readonly outOfStep?: boolean | undefined;
  /** True: only those raised as programMismatch. */
  readonly mismatch?: boolean | undefined;
}

/** Devices of a site in the order of their addresses, from the one after `after`. */
export async function listDeviceRollouts(
  pool: Pool,
  siteId: number,
  { program, outOfStep, mismatch }: DeviceRolloutFilter,
  after: string | undefined,
  take: number,
): Promise<DeviceRolloutRow[]> {
  const found = await pool.query<DeviceRolloutRow>(
    `SELECT d.device, device.online, d.desired_hash AS "desiredHash", d.desired_at AS "desiredAt", d.desired_programs AS "desiredPrograms",
       d.published_hash AS "publishedHash", d.published_at AS "publishedAt", d.resends, d.reported_hash AS "reportedHash",
       d.reported_at AS "reportedAt", d.running_programs AS "runningPrograms", d.mismatch_since AS "mismatchSince"
     FROM device_program AS d LEFT JOIN device ON device.site_id = d.site_id AND device.address = d.device
     WHERE d.site_id = $1 AND ($2::text IS NULL OR d.device > $2)
       AND ($3::text IS NULL OR d.desired_programs @> jsonb_build_array(jsonb_build_object('program', $3::text)))
       AND ($4::boolean IS NULL OR (d.reported_hash IS DISTINCT FROM d.desired_hash) = $4)
       AND ($5::boolean IS NULL OR (d.mismatch_since IS NOT NULL) = $5)
     ORDER BY d.device LIMIT $6`,
    [siteId, after ?? null, program ?? null, outOfStep ?? null, mismatch ?? null, take],
  );
  return found.rows;
}

/** Devices of all sites that do not run what they shall, by whether that has been raised as programMismatch. */
export async function countDevicesOutOfStep(pool: Pool): Promise<{ mismatch: boolean; count: number }[]> {
  const found = await pool.query<{ mismatch: boolean; count: number }>(
    `SELECT mismatch_since IS NOT NULL AS mismatch, count(*)::int AS count FROM device_program
     WHERE reported_hash IS DISTINCT FROM desired_hash GROUP BY 1`,
  );
  return found.rows;
}
