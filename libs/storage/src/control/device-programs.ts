import type { Pool } from '../pool.js';
import { instant } from './command-sql.js';

/** Which version of which program a device shall run, and for how many of its lamps. */
export interface ProgramInUse {
  readonly program: string;
  readonly version: number;
  readonly lamps: number;
}

/** What a device shall run, what the broker holds for it, and what it says. */
export interface DeviceProgramRow {
  readonly device: string;
  readonly desiredHash: string;
  readonly publishedHash: string | null;
  /** When it was published first. */
  readonly publishedAtMs: number | null;
  readonly reportedHash: string | null;
  readonly resends: number;
  readonly online: boolean | null;
}

/** Every device of a site that has or had a program. */
export async function readDevicePrograms(pool: Pool, siteId: number): Promise<DeviceProgramRow[]> {
  const found = await pool.query<DeviceProgramRow>(
    `SELECT d.device, d.desired_hash AS "desiredHash", d.published_hash AS "publishedHash",
       (extract(epoch FROM d.published_at) * 1000)::float8 AS "publishedAtMs", d.reported_hash AS "reportedHash", d.resends,
       device.online
     FROM device_program AS d LEFT JOIN device ON device.site_id = d.site_id AND device.address = d.device
     WHERE d.site_id = $1`,
    [siteId],
  );
  return found.rows;
}

export interface DesiredProgram {
  readonly device: string;
  readonly hash: string;
  readonly programs: readonly ProgramInUse[];
}

/** Notes what devices shall run from now on. */
export async function writeDesiredPrograms(
  pool: Pool,
  siteId: number,
  desired: readonly DesiredProgram[],
  nowMs: number,
): Promise<void> {
  for (let first = 0; first < desired.length; first += 1000) {
    const rows = desired.slice(first, first + 1000);
    await pool.query({
      name: 'write_desired_programs',
      text: `
        INSERT INTO device_program AS d (site_id, device, desired_hash, desired_at, desired_programs)
        SELECT $1, input.device, input.hash, ${instant('$5')}, input.programs
        FROM unnest($2::text[], $3::text[], $4::jsonb[]) AS input (device, hash, programs) ORDER BY input.device
        ON CONFLICT (site_id, device) DO UPDATE SET desired_hash = excluded.desired_hash, desired_at = excluded.desired_at,
          desired_programs = excluded.desired_programs, resends = 0,
          -- A device that did not take the last one does not take to its programs because there is a new one: that it runs it says.
          mismatch_since = CASE WHEN d.reported_hash = excluded.desired_hash THEN NULL ELSE d.mismatch_since END,
          running_programs = CASE WHEN d.reported_hash = excluded.desired_hash THEN excluded.desired_programs ELSE d.running_programs END`,
      values: [
        siteId,
        rows.map(({ device }) => device),
        rows.map(({ hash }) => hash),
        rows.map(({ programs }) => JSON.stringify(programs)),
        nowMs,
      ],
    });
  }
}

/** The broker holds these; of those that it held already (`again`) only the count of resends moves on. */
export async function markPublished(
  pool: Pool,
  siteId: number,
  published: readonly { readonly device: string; readonly hash: string; readonly again: boolean }[],
  nowMs: number,
): Promise<void> {
  if (published.length === 0) return;
  await pool.query({
    name: 'mark_programs_published',
    text: `
      WITH held AS MATERIALIZED (
        SELECT device FROM device_program WHERE site_id = $1 AND device = ANY($2::text[]) ORDER BY site_id, device FOR UPDATE
      )
      UPDATE device_program AS d SET published_hash = input.hash,
        published_at = CASE WHEN input.again THEN d.published_at ELSE ${instant('$5')} END,
        resends = d.resends + input.again::int
      FROM unnest($2::text[], $3::text[], $4::boolean[]) AS input (device, hash, again) JOIN held ON held.device = input.device
      WHERE d.site_id = $1 AND d.device = held.device`,
    values: [
      siteId,
      published.map(({ device }) => device),
      published.map(({ hash }) => hash),
      published.map(({ again }) => again),
      nowMs,
    ],
  });
}

/** Forgets devices that speak for no lamp any more; the broker holds nothing for them. */
export async function forgetDevicePrograms(pool: Pool, siteId: number, devices: readonly string[]): Promise<void> {
  if (devices.length === 0) return;
  await pool.query(`DELETE FROM device_program WHERE site_id = $1 AND device = ANY($2::text[])`, [siteId, devices]);
}

/**
 * Raises programMismatch for devices that have been online with another program than the one published for longer than `graceMs`, and
 * takes it back where that is over. Says which are new.
 */
export async function raiseMismatches(pool: Pool, siteId: number, nowMs: number, graceMs: number): Promise<string[]> {
  const raised = await pool.query<{ device: string }>({
    name: 'raise_mismatches',
    text: `
      WITH held AS MATERIALIZED (
        SELECT d.device FROM device_program AS d
        WHERE d.site_id = $1 AND d.mismatch_since IS NULL AND d.published_hash = d.desired_hash
          AND d.reported_hash IS DISTINCT FROM d.desired_hash
        ORDER BY d.site_id, d.device FOR UPDATE
      )
      UPDATE device_program AS d SET mismatch_since = ${instant('$2')}
      FROM device JOIN held ON held.device = device.address WHERE device.site_id = d.site_id AND device.address = d.device
        AND d.site_id = $1 AND d.mismatch_since IS NULL AND device.online AND device.stores_program IS NOT FALSE
        AND d.published_hash = d.desired_hash AND d.reported_hash IS DISTINCT FROM d.desired_hash
        AND greatest(d.published_at, device.status_at) < ${instant('$2')} - make_interval(secs => $3::float8 / 1000)
      RETURNING d.device`,
    values: [siteId, nowMs, graceMs],
  });
  return raised.rows.map(({ device }) => device);
}
