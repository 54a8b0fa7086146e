import type { Pool } from '../pool.js';

/** Lamps by which somebody reaches into a site: which of their groups count is decided elsewhere (libs/identity). */

/** Groups of a lamp in service, or of the one that was removed last from the address: its history is read under it. */
export async function groupsOfLamp(pool: Pool, site: string, lamp: string): Promise<string[]> {
  const found = await pool.query<{ address: string }>(
    `SELECT g.address FROM lamp_group_member AS m JOIN lamp_group AS g ON g.id = m.group_id
     WHERE m.lamp_id = (SELECT l.id FROM lamp AS l JOIN site ON site.id = l.site_id WHERE site.address = $1 AND l.address = $2
                        ORDER BY l.removed_at DESC NULLS FIRST LIMIT 1)`,
    [site, lamp],
  );
  return found.rows.map(({ address }) => address);
}

/** Whether every one of the lamps is in one of the groups; an address without a lamp is in none. */
export async function areInGroups(
  pool: Pool,
  site: string,
  lamps: readonly string[],
  groups: readonly string[],
): Promise<boolean> {
  const found = await pool.query(
    `SELECT 1 FROM unnest($2::text[]) AS wanted (address) WHERE NOT EXISTS (
       SELECT FROM lamp AS l JOIN site ON site.id = l.site_id JOIN lamp_group_member AS m ON m.lamp_id = l.id
       JOIN lamp_group AS g ON g.id = m.group_id
       WHERE site.address = $1 AND l.address = wanted.address AND l.removed_at IS NULL AND g.address = ANY ($3)) LIMIT 1`,
    [site, lamps, groups],
  );
  return found.rowCount === 0;
}

/** Whether a fault is about a lamp of the groups, or about a device that speaks for such lamps only. */
export async function isFaultInGroups(
  pool: Pool,
  site: string,
  fault: string,
  groups: readonly string[],
): Promise<boolean> {
  const found = await pool.query(
    `WITH inside AS (
       SELECT m.lamp_id FROM lamp_group_member AS m JOIN lamp_group AS g ON g.id = m.group_id JOIN site ON site.id = g.site_id
       WHERE site.address = $1 AND g.address = ANY ($3)
     )
     SELECT 1 FROM fault AS f JOIN site ON site.id = f.site_id
     WHERE site.address = $1 AND f.id = $2::bigint AND (
       f.subject_kind = 'lamp' AND f.lamp_id IN (SELECT lamp_id FROM inside)
       OR f.subject_kind = 'device'
         AND EXISTS (SELECT FROM lamp WHERE site_id = f.site_id AND device = f.device AND removed_at IS NULL)
         AND NOT EXISTS (SELECT FROM lamp WHERE site_id = f.site_id AND device = f.device AND removed_at IS NULL
                           AND id NOT IN (SELECT lamp_id FROM inside)))`,
    [site, fault, groups],
  );
  return (found.rowCount ?? 0) > 0;
}

/** Whether an override means a group of these, or lamps that are all in them. */
export async function isOverrideInGroups(
  pool: Pool,
  site: string,
  override: string,
  groups: readonly string[],
): Promise<boolean> {
  const found = await pool.query(
    `WITH inside AS (
       SELECT g.id, m.lamp_id FROM lamp_group AS g JOIN site ON site.id = g.site_id LEFT JOIN lamp_group_member AS m ON m.group_id = g.id
       WHERE site.address = $1 AND g.address = ANY ($3)
     )
     SELECT 1 FROM level_override AS o JOIN site ON site.id = o.site_id
     WHERE site.address = $1 AND o.id = $2::uuid AND (
       o.target_kind = 'group' AND o.group_id IN (SELECT id FROM inside)
       OR o.target_kind = 'lamps' AND NOT EXISTS (
         SELECT FROM level_override_lamp AS l WHERE l.override_id = o.id AND l.lamp_id NOT IN (SELECT lamp_id FROM inside WHERE lamp_id IS NOT NULL)))`,
    [site, override, groups],
  );
  return (found.rowCount ?? 0) > 0;
}

/** The override that a batch of commands belongs to; undefined for what a calendar commands. */
export async function overrideOfBatch(pool: Pool, site: string, batch: string): Promise<string | undefined> {
  const found = await pool.query<{ id: string | null }>(
    `SELECT b.override_id AS id FROM command_batch AS b JOIN site ON site.id = b.site_id WHERE site.address = $1 AND b.id = $2::uuid`,
    [site, batch],
  );
  return found.rows[0]?.id ?? undefined;
}
