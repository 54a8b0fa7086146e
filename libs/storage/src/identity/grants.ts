import { DomainError } from '#libs/kernel';
import type { Grant } from '#libs/identity';
import type { Pool, PoolClient } from '../pool.js';

/** Whose grants. */
export type GrantHolder = { readonly userId: string } | { readonly keyId: string };

/** Grants of the holder that `condition` on `g` names, as JSON. */
export const grantsJson = (condition: string) => `
  (SELECT coalesce(json_agg(json_build_object('role', g.role, 'site', s.address, 'group', lg.address) ORDER BY s.address NULLS FIRST,
     lg.address NULLS FIRST, g.role), '[]')
   FROM access_grant AS g LEFT JOIN site AS s ON s.id = g.site_id LEFT JOIN lamp_group AS lg ON lg.id = g.group_id WHERE ${condition})`;

/** Sets all that a user or a key may do. Refuses sites and groups that do not exist. */
export async function replaceGrants(client: PoolClient, holder: GrantHolder, grants: readonly Grant[]): Promise<void> {
  const [column, id] = 'userId' in holder ? ['user_id', holder.userId] : ['key_id', holder.keyId];
  const places = await client.query<{ role: string; siteId: number | null; groupId: number | null }>(
    `SELECT input.role, s.id AS "siteId", lg.id AS "groupId"
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS input (role, site, lamp_group, n)
     LEFT JOIN site AS s ON s.address = input.site
     LEFT JOIN lamp_group AS lg ON lg.site_id = s.id AND lg.address = input.lamp_group
     ORDER BY n`,
    [grants.map(({ role }) => role), grants.map(({ site }) => site), grants.map(({ group }) => group)],
  );
  const problems = grants.flatMap(({ site, group }, index) => {
    const found = places.rows[index];
    if (site !== null && found?.siteId == null)
      return [{ at: `/grants/${index}/site`, problem: `there is no site ${site}` }];
    if (group !== null && found?.groupId == null)
      return [{ at: `/grants/${index}/group`, problem: `there is no group ${group} in site ${site}` }];
    return [];
  });
  if (problems.length > 0) throw new DomainError('invalid', 'A grant names something that does not exist', problems);
  // What stays is left alone: a change of grants is then a change of rows.
  await client.query(
    `DELETE FROM access_grant AS g WHERE g.${column} = $1 AND NOT EXISTS (
       SELECT FROM unnest($2::text[], $3::integer[], $4::integer[]) AS kept (role, site_id, group_id)
       WHERE (kept.role, kept.site_id, kept.group_id) IS NOT DISTINCT FROM (g.role, g.site_id, g.group_id))`,
    [id, ...columnsOf(places.rows)],
  );
  await client.query(
    `INSERT INTO access_grant (${column}, role, site_id, group_id)
     SELECT $1, role, site_id, group_id FROM unnest($2::text[], $3::integer[], $4::integer[]) AS input (role, site_id, group_id)
     ON CONFLICT DO NOTHING`,
    [id, ...columnsOf(places.rows)],
  );
}

/** Of the grants, those whose site and group there are. */
export async function possibleGrants(client: PoolClient, grants: readonly Grant[]): Promise<readonly Grant[]> {
  const found = await client.query<{ n: number }>(
    `SELECT n::integer AS n FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS input (site, lamp_group, n)
     WHERE site IS NULL OR EXISTS (SELECT FROM site AS s WHERE s.address = input.site AND (lamp_group IS NULL OR EXISTS (
       SELECT FROM lamp_group AS lg WHERE lg.site_id = s.id AND lg.address = input.lamp_group)))`,
    [grants.map(({ site }) => site), grants.map(({ group }) => group)],
  );
  const possible = new Set(found.rows.map(({ n }) => n - 1));
  return grants.filter((_, index) => possible.has(index));
}

function columnsOf(rows: readonly { role: string; siteId: number | null; groupId: number | null }[]) {
  return [rows.map(({ role }) => role), rows.map(({ siteId }) => siteId), rows.map(({ groupId }) => groupId)];
}

/** A number for pg_advisory_xact_lock: users change one at a time where the last administrator is at stake. */
const ADMINISTRATORS_LOCK = 7_264_002;

/** Waits until nobody else changes who the administrators are; until the end of the transaction. */
export async function lockAdministrators(client: PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [ADMINISTRATORS_LOCK]);
}

/** An administrator of all sites who can sign in. */
const ADMINISTRATORS = `
  FROM app_user AS u WHERE u.disabled_at IS NULL
    AND EXISTS (SELECT FROM access_grant AS g WHERE g.user_id = u.id AND g.role = 'administrator' AND g.site_id IS NULL)`;

/** Refuses when nobody would be left who can let others in again. Inside `lockAdministrators`. */
export async function requireAdministrator(client: PoolClient): Promise<void> {
  const found = await client.query(`SELECT 1 ${ADMINISTRATORS} LIMIT 1`);
  if (found.rowCount === 0)
    throw new DomainError(
      'conflict',
      'Nobody would be left who may manage users: give another user the role administrator of all sites first',
    );
}

/** The user name of the administrator of all sites that was created first; undefined when there is none. */
export async function firstAdministrator(db: Pool | PoolClient): Promise<{ id: string; username: string } | undefined> {
  const found = await db.query<{ id: string; username: string }>(
    `SELECT u.id, u.username ${ADMINISTRATORS} ORDER BY u.created_at, u.id LIMIT 1`,
  );
  return found.rows[0];
}
