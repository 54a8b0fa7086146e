import type { DeliveryRow } from '#libs/storage';
import type { z } from 'zod';
import type { deliveryView } from './delivery.schema.js';

export type DeliveryView = z.infer<typeof deliveryView>;

export function toDeliveryView(row: DeliveryRow): DeliveryView {
  const { id, kind, state, crew, event, attempts, problem } = row;
  const isOpen = state === 'waiting' || state === 'pending';
  return {
    ...{ id, kind, state, crew, event, attempts, problem },
    channel: { id: row.channelId, kind: row.channelKind, target: row.target },
    fault: row.faultId,
    digest: row.digestId,
    createdAt: row.createdAt.toISOString(),
    dueAt: isOpen ? row.dueAt.toISOString() : null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
