import { DomainError } from '#libs/kernel';
import { rankOf, type CommandState, type OverridePriority } from '#libs/commands';
import type { Pool, PoolClient } from '../pool.js';
import { instant, OPEN, setState } from './command-sql.js';

/** Of what an override speaks. */
export type OverrideTarget =
  | { readonly kind: 'site' }
  | { readonly kind: 'cabinet' | 'group'; readonly address: string }
  | { readonly kind: 'lamps'; readonly addresses: readonly string[] };

export interface OverrideData {
  readonly target: OverrideTarget;
  readonly levelPercent: number;
  readonly fadeS: number;
  readonly priority: OverridePriority;
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
  readonly reason: string | null;
}

/** How many lamps are in which state of delivery. */
export type CommandCounts = Readonly<Record<CommandState, number>>;

export interface OverrideRow {
  readonly id: string;
  readonly targetKind: OverrideTarget['kind'];
  /** The address of the cabinet or group; null otherwise. */
  readonly target: string | null;
  /** Lamps in service that it speaks of now. */
  readonly lampCount: number;
  readonly levelPercent: number;
  readonly fadeS: number;
  readonly priority: OverridePriority;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly releasedAt: Date | null;
  readonly releasedBy: string | null;
  readonly serial: string;
  /** Of the last command to each of its lamps, releases not counted. */
  readonly counts: CommandCounts;
  /** Its batches of commands, the latest first. */
  readonly batches: readonly string[];
}

const NO_COMMANDS: CommandCounts = {
  queued: 0,
  sent: 0,
  acknowledged: 0,
  confirmed: 0,
  failed: 0,
  expired: 0,
  cancelled: 0,
};

/** Every state, those without a command with 0. */
export function completeCounts(counts: Partial<CommandCounts> | null): CommandCounts {
  return { ...NO_COMMANDS, ...counts };
}

/** Stores an override inside the caller's transaction; its commands are planned next. Refuses targets that do not exist. */
export async function insertOverride(
  client: PoolClient,
  site: { readonly id: number; readonly address: string },
  data: OverrideData,
  nowMs: number,
  by: string | undefined,
): Promise<string> {
  const { target } = data;
  const ids = await targetIds(client, site, target);
  const inserted = await client.query<{ id: string }>(
    `INSERT INTO level_override (id, site_id, target_kind, cabinet_id, group_id, level_percent, fade_s, priority, starts_at, expires_at,
       reason, created_at, created_by)
     VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, ${instant('$8')}, ${instant('$9')}, $10, ${instant('$11')}, $12) RETURNING id`,
    [
      site.id,
      target.kind,
      ids.cabinetId,
      ids.groupId,
      data.levelPercent,
      data.fadeS,
      rankOf(data.priority),
      data.startsAtMs,
      data.expiresAtMs,
      data.reason,
      nowMs,
      by ?? null,
    ],
  );
  const id = inserted.rows[0]?.id as string;
  if (ids.lampIds.length > 0) {
    await client.query('INSERT INTO level_override_lamp (override_id, lamp_id) SELECT $1, unnest($2::int[])', [
      id,
      ids.lampIds,
    ]);
  }
  return id;
}

async function targetIds(
  client: PoolClient,
  site: { readonly id: number; readonly address: string },
  target: OverrideTarget,
): Promise<{ cabinetId: number | null; groupId: number | null; lampIds: number[] }> {
  const none = { cabinetId: null, groupId: null, lampIds: [] };
  if (target.kind === 'site') return none;
  if (target.kind === 'lamps') return { ...none, lampIds: await lampIds(client, site, target.addresses) };
  const table = target.kind === 'cabinet' ? 'cabinet' : 'lamp_group';
  const found = await client.query<{ id: number }>(`SELECT id FROM ${table} WHERE site_id = $1 AND address = $2`, [
    site.id,
    target.address,
  ]);
  const id = found.rows[0]?.id;
  if (id === undefined) {
    throw new DomainError('invalid', 'The override names something that does not exist: see errors', [
      { at: '/target/address', problem: `there is no ${target.kind} ${target.address} in site ${site.address}` },
    ]);
  }
  return target.kind === 'cabinet' ? { ...none, cabinetId: id } : { ...none, groupId: id };
}

async function lampIds(
  client: PoolClient,
  site: { readonly id: number; readonly address: string },
  addresses: readonly string[],
): Promise<number[]> {
  const found = await client.query<{ id: number; address: string }>(
    'SELECT id, address FROM lamp WHERE site_id = $1 AND address = ANY($2::text[]) AND removed_at IS NULL',
    [site.id, addresses],
  );
  const known = new Set(found.rows.map(({ address }) => address));
  const faults = addresses.flatMap((address, index) =>
    known.has(address)
      ? []
      : [{ at: `/target/addresses/${index}`, problem: `there is no lamp ${address} in site ${site.address}` }],
  );
  if (faults.length > 0) {
    throw new DomainError('invalid', 'Some lamps do not exist; nothing was commanded', faults.slice(0, 100));
  }
  return found.rows.map(({ id }) => id);
}

/** Ends an override before its time, inside the caller's transaction; the releases are planned next. False when it had ended already. */
export async function releaseOverride(
  client: PoolClient,
  siteId: number,
  id: string,
  nowMs: number,
  by: string | undefined,
): Promise<boolean> {
  const released = await client.query(
    `UPDATE level_override SET released_at = ${instant('$3')}, released_by = $4
     WHERE id = $2::uuid AND site_id = $1 AND released_at IS NULL AND expires_at > ${instant('$3')}`,
    [siteId, id, nowMs, by ?? null],
  );
  if (released.rowCount === 0) return false;
  // What has not reached the lamps must not reach them any more.
  await client.query(
    `UPDATE lamp_command AS c SET ${setState('cancelled')}, finished_at = ${instant('$2')}, problem = 'the override was released'
     FROM command_batch AS b WHERE b.id = c.batch_id AND b.override_id = $1::uuid AND b.kind <> 'release' AND c.state IN (${OPEN})`,
    [id, nowMs],
  );
  return true;
}

export interface OverrideListing {
  /** Only those that are, or are not, in their time and not released at the instant; undefined for all. */
  readonly active?: { readonly is: boolean; readonly atMs: number } | undefined;
  /** Go on below this serial. */
  readonly before?: number | undefined;
  readonly take: number;
}

/** Overrides of a site, the latest first. */
export function listOverrides(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  { active, before, take }: OverrideListing,
): Promise<OverrideRow[]> {
  return select(
    pool,
    `o.site_id = $1 AND ($2::bigint IS NULL OR o.serial < $2)
     AND ($3::float8 IS NULL
       OR (o.released_at IS NULL AND o.starts_at <= ${instant('$3')} AND o.expires_at > ${instant('$3')}) = $4::boolean)
     ORDER BY o.serial DESC LIMIT $5`,
    [siteId, before ?? null, active?.atMs ?? null, active?.is ?? null, take],
  );
}

/** One override; undefined when the site has none of that id. */
export async function findOverride(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  id: string,
): Promise<OverrideRow | undefined> {
  const [row] = await select(pool, 'o.site_id = $1 AND o.id = $2::uuid', [siteId, id]);
  return row;
}

/** For how many lamps each override of a site is the one in force; those that are for none are absent. */
export async function countLampsInForce(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  nowMs: number,
): Promise<ReadonlyMap<string, number>> {
  const found = await pool.query<{ id: string; lamps: number }>(
    `SELECT id, count(*)::int AS lamps FROM (
       SELECT DISTINCT ON (target.lamp_id) o.id
       FROM level_override AS o JOIN level_override_target AS target ON target.override_id = o.id
       WHERE o.site_id = $1 AND o.released_at IS NULL AND o.starts_at <= ${instant('$2')} AND o.expires_at > ${instant('$2')}
       ORDER BY target.lamp_id, o.priority DESC, o.serial DESC
     ) AS in_force GROUP BY id`,
    [siteId, nowMs],
  );
  return new Map(found.rows.map(({ id, lamps }) => [id, lamps]));
}

async function select(pool: Pick<Pool, 'query'>, where: string, values: unknown[]): Promise<OverrideRow[]> {
  const found = await pool.query<Omit<OverrideRow, 'counts'> & { counts: Partial<CommandCounts> | null }>(
    `SELECT o.id, o.target_kind AS "targetKind", coalesce(cabinet.address, lamp_group.address) AS target,
       (SELECT count(*)::int FROM level_override_target AS t WHERE t.override_id = o.id) AS "lampCount",
       o.level_percent AS "levelPercent", o.fade_s AS "fadeS",
       CASE o.priority WHEN 2 THEN 'emergency' ELSE 'manual' END AS priority, o.starts_at AS "startsAt", o.expires_at AS "expiresAt",
       o.reason, o.created_at AS "createdAt", o.created_by AS "createdBy", o.released_at AS "releasedAt", o.released_by AS "releasedBy",
       o.serial,
       (SELECT json_object_agg(state, n) FROM (
          SELECT state, count(*)::int AS n FROM (
            SELECT DISTINCT ON (c.lamp_id) c.state FROM lamp_command AS c JOIN command_batch AS b ON b.id = c.batch_id
            WHERE b.override_id = o.id AND b.kind <> 'release' ORDER BY c.lamp_id, c.id DESC) AS last
          GROUP BY state) AS counted) AS counts,
       ARRAY(SELECT id FROM command_batch AS b WHERE b.override_id = o.id
         ORDER BY b.created_at DESC, b.kind = 'release' DESC, b.id LIMIT 20) AS batches
     FROM level_override AS o LEFT JOIN cabinet ON cabinet.id = o.cabinet_id LEFT JOIN lamp_group ON lamp_group.id = o.group_id
     WHERE ${where}`,
    values,
  );
  return found.rows.map((row) => ({ ...row, counts: completeCounts(row.counts) }));
}

/** Lamps in service of a site. */
export async function countLamps(pool: Pick<Pool, 'query'>, siteId: number): Promise<number> {
  const found = await pool.query<{ lamps: number }>(
    'SELECT count(*)::int AS lamps FROM lamp WHERE site_id = $1 AND removed_at IS NULL',
    [siteId],
  );
  return found.rows[0]?.lamps ?? 0;
}
