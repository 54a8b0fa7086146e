import { OPEN_STATES } from '#libs/commands';
import type { CommandBatchRow, LampCommandRow } from '#libs/storage';
import type { z } from 'zod';
import { eventsPath } from '../overrides/override-view.js';
import type { commandBatchView, lampCommandPage } from './command-batch.schema.js';

export type CommandBatchView = z.infer<typeof commandBatchView>;

/** Whether nothing more can happen to its commands. */
export function isFinished({ counts }: Pick<CommandBatchRow, 'counts'>): boolean {
  return OPEN_STATES.every((state) => counts[state] === 0);
}

export function toBatchView(site: string, row: CommandBatchRow): CommandBatchView {
  const { id, kind, lamps, counts, createdBy, cancelledBy } = row;
  return {
    ...{ id, kind, lamps, counts, createdBy, cancelledBy },
    override: row.overrideId,
    createdAt: row.createdAt.toISOString(),
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    events: eventsPath(site, id),
  };
}

/** What an event tells. */
export function toProgress({ id, lamps, counts, finishedAt }: CommandBatchRow) {
  return { batch: id, lamps, counts, finishedAt: finishedAt?.toISOString() ?? null };
}

export function toCommandView({ id: _, ...row }: LampCommandRow): z.infer<typeof lampCommandPage>['items'][number] {
  return {
    ...row,
    expiresAt: row.expiresAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
