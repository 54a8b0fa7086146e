import { SITE_TASKS } from '../control/site-lock.js';
import { DomainError, type Fault } from '#libs/kernel';
import type { EntityManager } from 'typeorm';
import type { Site } from '../entities/index.js';

/** What a lamp refers to, by address; undefined leaves it as it is. */
export interface LampReferences {
  readonly lampType?: string | undefined;
  readonly cabinet?: string | null | undefined;
  readonly groups?: readonly string[] | undefined;
}

export interface LampReferenceIds {
  lampTypeId?: number;
  cabinetId?: number | null;
  groupIds?: number[];
}

/** The ids of what is named; refuses with every name that does not exist. */
export async function resolveReferences(
  manager: EntityManager,
  site: Site,
  references: LampReferences,
): Promise<LampReferenceIds> {
  const faults: Fault[] = [];
  const ids: LampReferenceIds = {};
  if (references.lampType !== undefined) {
    const [row] = await idsOf(manager, 'SELECT id FROM lamp_type WHERE code = $1', [references.lampType]);
    if (row === undefined)
      faults.push({ at: '/lampType', problem: `there is no lamp type ${references.lampType}: create it first` });
    else ids.lampTypeId = row;
  }
  if (references.cabinet === null) ids.cabinetId = null;
  else if (references.cabinet !== undefined) {
    const [row] = await idsOf(manager, 'SELECT id FROM cabinet WHERE site_id = $1 AND address = $2', [
      site.id,
      references.cabinet,
    ]);
    if (row === undefined)
      faults.push({
        at: '/cabinet',
        problem: `there is no cabinet ${references.cabinet} in site ${site.address}: create it first`,
      });
    else ids.cabinetId = row;
  }
  if (references.groups !== undefined) ids.groupIds = await groupIds(manager, site, references.groups, faults);
  if (faults.length > 0)
    throw new DomainError('invalid', 'The lamp refers to something that does not exist: see errors', faults);
  return ids;
}

async function groupIds(
  manager: EntityManager,
  site: Site,
  addresses: readonly string[],
  faults: Fault[],
): Promise<number[]> {
  const rows = (await manager.query(
    'SELECT id, address FROM lamp_group WHERE site_id = $1 AND address = ANY($2::text[])',
    [site.id, addresses],
  )) as { id: number; address: string }[];
  const found = new Set(rows.map((row) => row.address));
  addresses.forEach((address, index) => {
    if (!found.has(address))
      faults.push({
        at: `/groups/${index}`,
        problem: `there is no group ${address} in site ${site.address}: create it first`,
      });
  });
  return rows.map((row) => row.id);
}

async function idsOf(manager: EntityManager, sql: string, parameters: unknown[]): Promise<number[]> {
  return ((await manager.query(sql, parameters)) as { id: number }[]).map((row) => row.id);
}

/**
 * Waits until nobody else changes who is in which group of the site; let go at the end of the transaction. To be taken before any row: who
 * changes a lamp and who changes a group would wait for each other otherwise.
 */
export async function lockMembers(manager: EntityManager, siteId: number): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [SITE_TASKS.members, siteId]);
}

/** Makes the lamp a member of exactly these groups; says whether that changed anything. */
export async function setGroups(manager: EntityManager, lampId: number, groupIds: readonly number[]): Promise<boolean> {
  const [row] = (await manager.query(
    `WITH gone AS (DELETE FROM lamp_group_member WHERE lamp_id = $1 AND group_id <> ALL($2::int[]) RETURNING 1),
          come AS (INSERT INTO lamp_group_member (lamp_id, group_id) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING RETURNING 1)
     SELECT (SELECT count(*) FROM gone)::int + (SELECT count(*) FROM come)::int AS changed`,
    [lampId, groupIds],
  )) as [{ changed: number }];
  return row.changed > 0;
}
