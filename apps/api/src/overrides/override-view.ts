import type { OverrideRow } from '#libs/storage';
import type { z } from 'zod';
import type { OVERRIDE_STATES, overrideView } from './override.schema.js';

export type OverrideView = z.infer<typeof overrideView>;

/** What an override is at an instant. */
export function overrideState(
  { releasedAt, startsAt, expiresAt }: Pick<OverrideRow, 'releasedAt' | 'startsAt' | 'expiresAt'>,
  nowMs: number,
): (typeof OVERRIDE_STATES)[number] {
  if (releasedAt !== null) return 'released';
  if (expiresAt.getTime() <= nowMs) return 'ended';
  return startsAt.getTime() <= nowMs ? 'active' : 'scheduled';
}

/** `lampsInForce`: for how many of its lamps no other override goes before it. */
export function toOverrideView(site: string, row: OverrideRow, lampsInForce: number, nowMs: number): OverrideView {
  const { id, lampCount, levelPercent, fadeS, priority, reason, createdBy, releasedBy, batches } = row;
  const state = overrideState(row, nowMs);
  return {
    ...{ id, lampCount, levelPercent, fadeS, priority, reason, createdBy, releasedBy, state },
    target: { kind: row.targetKind, address: row.target },
    heldLamps: state === 'active' ? Math.max(0, lampCount - lampsInForce) : 0,
    startsAt: row.startsAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    releasedAt: row.releasedAt?.toISOString() ?? null,
    progress: row.counts,
    batches: [...batches],
    events: batches[0] === undefined ? null : eventsPath(site, batches[0]),
  };
}

/** Where to follow a batch. */
export function eventsPath(site: string, batch: string): string {
  return `/api/v1/sites/${site}/command-batches/${batch}/events`;
}
