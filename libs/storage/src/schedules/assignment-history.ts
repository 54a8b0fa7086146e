import type { EntityManager } from 'typeorm';
import type { AssignmentKind, Site } from '../entities/index.js';
import { recordChange, type Author, type ScheduleAction } from './schedule-history.js';

/** An assignment as its history keeps it. */
export interface AssignmentContent {
  readonly kind: AssignmentKind;
  readonly address: string;
  readonly calendar: string;
  readonly priority: number;
}

/** How the history calls an assignment: addresses have no slash. */
export const assignmentKey = (kind: AssignmentKind, address: string): string => `${kind}/${address}`;

export function recordAssignment(
  manager: EntityManager,
  site: Pick<Site, 'id'>,
  { kind, address, calendar, priority }: AssignmentContent,
  version: number,
  action: ScheduleAction,
  author: Author,
): Promise<void> {
  const content = { kind, address, calendar, priority };
  return recordChange(
    manager,
    site,
    { kind: 'assignment', address: assignmentKey(kind, address), version, action, content },
    author,
  );
}

interface Row {
  readonly id: number;
  readonly calendar: string;
  readonly priority: number;
  readonly version: number;
}

/** A group or cabinet that is deleted takes its assignment with it: the history says so. */
export async function recordAssignmentOfRemoved(
  manager: EntityManager,
  site: Pick<Site, 'id'>,
  kind: 'group' | 'cabinet',
  { id, address }: { readonly id: number; readonly address: string },
): Promise<void> {
  const rows = (await manager.query(
    `SELECT a.id, calendar.address AS calendar, a.priority, a.version, now() AS at
       FROM calendar_assignment AS a JOIN calendar ON calendar.id = a.calendar_id WHERE a.${kind}_id = $1`,
    [id],
  )) as (Row & { readonly at: Date })[];
  for (const { calendar, priority, version, at } of rows) {
    const author = { user: null, comment: `The ${kind} was deleted`, at };
    await recordAssignment(manager, site, { kind, address, calendar, priority }, version + 1, 'deleted', author);
  }
}

/** Assignments of lamps that have been taken down mean nothing any more, and hold no calendar back. */
export async function removeAssignmentsOfRemovedLamps(
  manager: EntityManager,
  site: Pick<Site, 'id'>,
  calendarId: number,
  at: Date,
): Promise<void> {
  const rows = (await manager.query(
    `SELECT a.id, lamp.address, calendar.address AS calendar, a.priority, a.version
       FROM calendar_assignment AS a JOIN calendar ON calendar.id = a.calendar_id JOIN lamp ON lamp.id = a.lamp_id
      WHERE a.calendar_id = $1 AND lamp.removed_at IS NOT NULL FOR UPDATE OF a`,
    [calendarId],
  )) as (Row & { readonly address: string })[];
  const author = { user: null, comment: 'The lamp had been removed', at };
  for (const { id, version, ...rest } of rows) {
    await recordAssignment(manager, site, { kind: 'lamp', ...rest }, version + 1, 'deleted', author);
    await manager.query('DELETE FROM calendar_assignment WHERE id = $1', [id]);
  }
}
