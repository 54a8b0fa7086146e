import { FAULTS, type FaultKind } from '#libs/faults';
import { DomainError } from '#libs/kernel';
import type { FaultHistoryRow, FaultRow } from '#libs/storage';
import type { z } from 'zod';
import type { faultHistoryPage, faultView } from './fault.schema.js';

export type FaultView = z.infer<typeof faultView>;
type HistoryView = z.infer<typeof faultHistoryPage>['items'][number];

/** The id in a path; a text that is none is refused as something that does not exist. */
export function faultIdOf(text: string): string {
  if (/^\d{1,15}$/.test(text)) return text;
  throw new DomainError(
    'notFound',
    `There is no fault ${text.slice(0, 100)}: ids are numbers such as 4711; take them from the list`,
  );
}

export function toFaultView(row: FaultRow): FaultView {
  const { title, likelyCause, bring } = FAULTS[row.kind as FaultKind] ?? {
    title: row.kind,
    likelyCause: '',
    bring: '',
  };
  const { severity, priority, phase, subjectKind, subject, evidence, lampCount, memberCount, reopenings, version } =
    row;
  return {
    id: Number(row.id),
    kind: row.kind as FaultKind,
    title,
    severity: severity as FaultView['severity'],
    phase: phase as FaultView['phase'],
    subjectKind: subjectKind as FaultView['subjectKind'],
    ...{ priority, subject, evidence, likelyCause, bring, lampCount, memberCount, reopenings, version },
    place: placeOf(row),
    parent: parentOf(row),
    since: row.seenAt.toISOString(),
    seenLastAt: iso(row.seenLastAt),
    openedAt: iso(row.openedAt),
    clearedAt: iso(row.clearedAt),
    closedAt: iso(row.closedAt),
    work: workOf(row),
    timeToAcknowledgeS: secondsBetween(row.openedAt, row.firstAcknowledgedAt ?? row.acknowledgedAt),
    timeToRepairS: secondsBetween(row.openedAt, row.clearedAt),
  };
}

export function toHistoryView({ id, at, readingAt, ...rest }: FaultHistoryRow): HistoryView {
  return { id: Number(id), at: at.toISOString(), readingAt: iso(readingAt), ...rest };
}

function placeOf(row: FaultRow): FaultView['place'] {
  const { lamp, lampType, device, cabinet, cabinetName, circuit } = row;
  const { street, pole, roadClass, mountingHeightM, latitude, longitude } = row;
  return {
    ...{ lamp, lampType, device, cabinet, cabinetName, circuit },
    ...{ street, pole, roadClass, mountingHeightM, latitude, longitude },
  };
}

function parentOf({ parent, parentKind, parentSubject }: FaultRow): FaultView['parent'] {
  if (parent === null) return null;
  return { id: Number(parent), kind: parentKind as FaultKind, subject: parentSubject ?? '' };
}

function workOf(row: FaultRow): FaultView['work'] {
  const { acknowledgedBy, crew, crewName, assignedBy, resolvedBy, parts, comments, resolvedAt, seenLastAt } = row;
  return {
    ...{ acknowledgedBy, crew, crewName, assignedBy, resolvedBy, parts, comments },
    resolution: row.resolution as FaultView['work']['resolution'],
    acknowledgedAt: iso(row.acknowledgedAt),
    assignedAt: iso(row.assignedAt),
    resolvedAt: iso(resolvedAt),
    seenAgain: resolvedAt !== null && seenLastAt !== null && seenLastAt > resolvedAt,
  };
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

function secondsBetween(from: Date | null, to: Date | null): number | null {
  return from === null || to === null ? null : Math.max(0, (to.getTime() - from.getTime()) / 1000);
}
