import { DomainError } from '#libs/kernel';
import type { DataSource, EntityManager } from 'typeorm';
import { CalendarAssignment, type AssignmentKind, type Site } from '../entities/index.js';
import { checkVersion, orConflict, type ExpectedVersion } from '../inventory/versioned.js';
import { assignmentKey, recordAssignment } from './assignment-history.js';
import { beginAtFirstVersion, type Author } from './schedule-history.js';

/** An assignment as people know it. */
export interface AssignmentRow {
  readonly kind: AssignmentKind;
  /** Of the site, cabinet, group or lamp. */
  readonly address: string;
  readonly calendar: string;
  readonly priority: number;
  /** Lamps in service that it speaks of. */
  readonly lampCount: number;
  /** Those of them that have their calendar from it, and not from something more specific. */
  readonly decidesFor: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

export interface AssignmentData {
  readonly calendar: string;
  readonly priority: number;
}

const TARGET = `coalesce(cabinet.address, lamp_group.address, lamp.address, site.address)`;
const KIND_RANK = `array_position(ARRAY['site', 'cabinet', 'group', 'lamp'], a.target_kind)`;
/** Lamps that have been taken down have no assignment. */
const FROM = `
  FROM calendar_assignment AS a JOIN site ON site.id = a.site_id JOIN calendar ON calendar.id = a.calendar_id
  LEFT JOIN cabinet ON cabinet.id = a.cabinet_id LEFT JOIN lamp_group ON lamp_group.id = a.group_id
  LEFT JOIN lamp ON lamp.id = a.lamp_id`;
const COLUMNS = `
  a.target_kind AS kind, ${TARGET} AS address, calendar.address AS calendar, a.priority,
  CASE a.target_kind
    WHEN 'site' THEN (SELECT count(*) FROM lamp AS l WHERE l.site_id = a.site_id AND l.removed_at IS NULL)
    WHEN 'cabinet' THEN (SELECT count(*) FROM lamp AS l WHERE l.cabinet_id = a.cabinet_id AND l.removed_at IS NULL)
    WHEN 'group' THEN (SELECT count(*) FROM lamp_group_member AS m JOIN lamp AS l ON l.id = m.lamp_id
                        WHERE m.group_id = a.group_id AND l.removed_at IS NULL)
    ELSE 1 END::int AS "lampCount",
  coalesce(decided.lamps, 0)::int AS "decidesFor",
  a.created_at AS "createdAt", a.updated_at AS "updatedAt", a.version`;

/** Which calendar holds for a site, its cabinets, groups and lamps; every change of it is kept. */
export class AssignmentRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The site first, then cabinets, groups and lamps, each by address; from the one after `after`. */
  list(
    site: Site,
    after: { readonly kind: AssignmentKind; readonly address: string } | undefined,
    take: number,
  ): Promise<AssignmentRow[]> {
    return this.dataSource.query(
      `WITH decided AS (SELECT assignment_id, count(*) AS lamps FROM lamp_calendar WHERE site_id = $1 GROUP BY 1)
       SELECT ${COLUMNS} ${FROM} LEFT JOIN decided ON decided.assignment_id = a.id
        WHERE a.site_id = $1 AND lamp.removed_at IS NULL
          AND ($2::text IS NULL
            OR (${KIND_RANK}, ${TARGET}) > (array_position(ARRAY['site', 'cabinet', 'group', 'lamp'], $2), $3::text))
        ORDER BY ${KIND_RANK}, ${TARGET} LIMIT $4`,
      [site.id, after?.kind ?? null, after?.address ?? null, take],
    );
  }

  async get(site: Site, kind: AssignmentKind, address: string): Promise<AssignmentRow> {
    const targetId = await findTarget(this.dataSource.manager, site, kind, address);
    return this.read(this.dataSource.manager, site, kind, address, targetId);
  }

  /** Assigns a calendar, or another one. */
  put(
    site: Site,
    kind: AssignmentKind,
    address: string,
    data: AssignmentData,
    expected: ExpectedVersion,
    author: Author,
  ): Promise<{ assignment: AssignmentRow; created: boolean }> {
    return this.dataSource.transaction(async (manager) => {
      const targetId = await findTarget(manager, site, kind, address);
      const calendarId = await findCalendar(manager, site, data.calendar);
      const found = await lockAssignment(manager, site, kind, targetId);
      if (found !== null) checkVersion(found.version, expected, `The assignment of ${kind} ${address}`);
      else if (expected !== undefined)
        throw new DomainError(
          'preconditionFailed',
          `Nothing is assigned to ${kind} ${address} any more: look at its history, and repeat without If-Match`,
        );
      const before = found?.version;
      const assignment = found ?? manager.create(CalendarAssignment, ownerOf(site, kind, targetId));
      const saved = await orConflict(
        manager.save(Object.assign(assignment, { calendarId, priority: data.priority })),
        `Somebody else assigned a calendar to ${kind} ${address} at the same moment: try again`,
      );
      if (before === undefined) {
        const thing = {
          kind: 'assignment',
          address: assignmentKey(kind, address),
          table: 'calendar_assignment',
        } as const;
        await beginAtFirstVersion(manager, site, thing, saved);
      }
      if (saved.version !== before) {
        const action = before === undefined ? 'created' : 'changed';
        await recordAssignment(manager, site, { kind, address, ...data }, saved.version, action, author);
      }
      return {
        assignment: await this.read(manager, site, kind, address, targetId),
        created: before === undefined,
      };
    });
  }

  async remove(
    site: Site,
    kind: AssignmentKind,
    address: string,
    expected: ExpectedVersion,
    author: Author,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const targetId = await findTarget(manager, site, kind, address);
      const found = await lockAssignment(manager, site, kind, targetId);
      if (found === null) throw nothingAssigned(site, kind, address);
      checkVersion(found.version, expected, `The assignment of ${kind} ${address}`);
      const { calendar, priority } = await this.read(manager, site, kind, address, targetId);
      const content = { kind, address, calendar, priority };
      await recordAssignment(manager, site, content, found.version + 1, 'deleted', author);
      await manager.remove(found);
    });
  }

  private async read(
    manager: EntityManager,
    site: Site,
    kind: AssignmentKind,
    address: string,
    targetId: number,
  ): Promise<AssignmentRow> {
    const [row] = (await manager.query(
      `SELECT ${COLUMNS} ${FROM} LEFT JOIN LATERAL
         (SELECT count(*) AS lamps FROM lamp_calendar WHERE assignment_id = a.id) AS decided ON true
        WHERE a.site_id = $1 AND a.target_kind = $2 AND coalesce(a.cabinet_id, a.group_id, a.lamp_id, a.site_id) = $3`,
      [site.id, kind, targetId],
    )) as AssignmentRow[];
    if (row === undefined) throw nothingAssigned(site, kind, address);
    return row;
  }
}

const ID_COLUMN = { cabinet: 'cabinetId', group: 'groupId', lamp: 'lampId' } as const;

function ownerOf(site: Site, kind: AssignmentKind, targetId: number) {
  return { siteId: site.id, targetKind: kind, ...(kind === 'site' ? {} : { [ID_COLUMN[kind]]: targetId }) };
}

function lockAssignment(manager: EntityManager, site: Site, kind: AssignmentKind, targetId: number) {
  return manager.findOne(CalendarAssignment, {
    where: ownerOf(site, kind, targetId),
    lock: { mode: 'pessimistic_write' },
  });
}

const TARGETS: Record<Exclude<AssignmentKind, 'site'>, string> = {
  cabinet: 'SELECT id FROM cabinet WHERE site_id = $1 AND address = $2',
  group: 'SELECT id FROM lamp_group WHERE site_id = $1 AND address = $2',
  lamp: 'SELECT id FROM lamp WHERE site_id = $1 AND address = $2 AND removed_at IS NULL',
};

async function findTarget(manager: EntityManager, site: Site, kind: AssignmentKind, address: string): Promise<number> {
  if (kind === 'site') {
    if (address === site.address) return site.id;
    throw new DomainError('notFound', `Of kind site there is ${site.address} here, not ${address}`);
  }
  const [row] = (await manager.query(TARGETS[kind], [site.id, address])) as { id: number }[];
  if (row !== undefined) return row.id;
  throw new DomainError('notFound', `There is no ${kind} ${address} in site ${site.address}`);
}

async function findCalendar(manager: EntityManager, site: Site, address: string): Promise<number> {
  const [row] = (await manager.query('SELECT id FROM calendar WHERE site_id = $1 AND address = $2 FOR KEY SHARE', [
    site.id,
    address,
  ])) as { id: number }[];
  if (row !== undefined) return row.id;
  throw new DomainError('invalid', 'The assignment names a calendar that does not exist', [
    { at: '/calendar', problem: `there is no calendar ${address} in site ${site.address}: create it first` },
  ]);
}

function nothingAssigned(site: Site, kind: AssignmentKind, address: string): DomainError {
  const where = kind === 'site' ? `site ${site.address}` : `${kind} ${address} in site ${site.address}`;
  return new DomainError('notFound', `No calendar is assigned to ${where}: PUT one here`);
}
