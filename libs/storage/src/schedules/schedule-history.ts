import type { EntityManager } from 'typeorm';
import type { Site } from '../entities/index.js';

/** What is kept a history of. */
export type ScheduleKind = 'program' | 'calendar' | 'assignment';
export type ScheduleAction = 'created' | 'changed' | 'deleted';

/** Who changes something, when and why. */
export interface Author {
  /** As the client says it; null when it says nothing. */
  readonly user: string | null;
  readonly comment: string | null;
  readonly at: Date;
}

export interface ScheduleEntry {
  readonly kind: ScheduleKind;
  readonly address: string;
  readonly version: number;
  readonly action: ScheduleAction;
  /** The whole of it, as it is now; of what was deleted: as it was. */
  readonly content: object;
}

/** Writes who changed what: in the transaction that changes it. */
export async function recordChange(
  manager: EntityManager,
  site: Pick<Site, 'id'>,
  entry: ScheduleEntry,
  author: Author,
): Promise<void> {
  await manager.query(
    `INSERT INTO schedule_change (site_id, kind, address, version, action, content, changed_at, changed_by, comment)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      site.id,
      entry.kind,
      entry.address,
      entry.version,
      entry.action,
      JSON.stringify(entry.content),
      author.at,
      author.user,
      author.comment,
    ],
  );
}

/**
 * The version with which something begins: 1, or where something of the same address has been deleted before, the one after its
 * last. So a version never names two things, and an ETag of old never fits the new.
 */
export async function firstVersion(
  manager: EntityManager,
  site: Pick<Site, 'id'>,
  kind: ScheduleKind,
  address: string,
): Promise<number> {
  const [row] = (await manager.query(
    `SELECT coalesce(max(version), 0) + 1 AS version FROM schedule_change WHERE site_id = $1 AND kind = $2 AND address = $3`,
    [site.id, kind, address],
  )) as [{ version: number }];
  return row.version;
}

/** Gives a row that was just created, and has version 1, the version it has to begin with. */
export async function beginAtFirstVersion(
  manager: EntityManager,
  site: Pick<Site, 'id'>,
  { kind, address, table }: { readonly kind: ScheduleKind; readonly address: string; readonly table: string },
  row: { readonly id: number; version: number },
): Promise<void> {
  const version = await firstVersion(manager, site, kind, address);
  if (version === row.version) return;
  await manager.query(`UPDATE ${table} SET version = $2 WHERE id = $1`, [row.id, version]);
  row.version = version;
}
