/** Deletes what has been dealt with long ago, in bounded batches. What is still open is never touched, however old. */
import { REMEMBERED_H } from '../control/idempotency.js';
import type { Pool } from '../pool.js';
import { deleteInBatches, type BatchBounds } from './delete-in-batches.js';
import type { Dropped } from './retention.js';

export interface PruneSettings {
  /** Days; 0: for ever. */
  readonly faultsDays: number;
  readonly messagesDays: number;
  readonly commandsDays: number;
  readonly eventsDays: number;
  readonly rejectedDays: number;
}

export interface PruneOptions extends BatchBounds {
  readonly nowMs: number;
  readonly keep: PruneSettings;
}

interface Rule {
  readonly table: string;
  readonly days: (keep: PruneSettings) => number;
  /** $1 is the instant before which things are old. */
  readonly where: string;
}

/** In this order: what refers to others before what is referred to. */
const RULES: readonly Rule[] = [
  // A link of a message that is gone leads nowhere, so that it was used need not be known any more; it goes with the message.
  {
    table: 'used_link',
    days: (keep) => keep.messagesDays,
    where: `used_at < $1 AND EXISTS (SELECT FROM delivery AS d WHERE d.id = used_link.delivery_id AND ${finished('d')})`,
  },
  // A digest goes after its lines: what is told in it must not outlive or outdate it.
  {
    table: 'delivery',
    days: (keep) => keep.messagesDays,
    where: `${finished('delivery')} AND NOT EXISTS (SELECT FROM delivery AS line WHERE line.digest_id = delivery.id)
      AND NOT EXISTS (SELECT FROM delivery AS digest WHERE digest.id = delivery.digest_id AND NOT (${finished('digest')}))`,
  },
  // Escalation asks for the alerts of faults that are open: these stay.
  {
    table: 'alert',
    days: (keep) => keep.messagesDays,
    where: `created_at < $1 AND routed_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM delivery WHERE delivery.alert_id = alert.id)
      AND NOT EXISTS (SELECT FROM alert AS escalated WHERE escalated.cause_id = alert.id)
      AND EXISTS (SELECT FROM fault WHERE fault.id = alert.fault_id AND fault.phase = 'closed')`,
  },
  // With its history, alerts and deliveries. One that others are part of stays as long as they do.
  {
    table: 'fault',
    days: (keep) => keep.faultsDays,
    where: `phase = 'closed' AND closed_at < $1 AND NOT EXISTS (SELECT FROM fault AS part WHERE part.parent_id = fault.id)
      AND NOT EXISTS (SELECT FROM delivery WHERE delivery.fault_id = fault.id AND delivery.state IN ('waiting', 'pending'))
      AND NOT EXISTS (SELECT FROM alert WHERE alert.fault_id = fault.id AND alert.routed_at IS NULL)`,
  },
  // The last command of a lamp is what the server believes it has told it.
  {
    table: 'lamp_command',
    days: (keep) => keep.commandsDays,
    where: `created_at < $1 AND finished_at < $1 AND state IN ('confirmed', 'failed', 'expired', 'cancelled')
      AND NOT EXISTS (SELECT FROM lamp_commanded WHERE lamp_commanded.command_id = lamp_command.id)`,
  },
  // Whether an override has been commanded yet is read from its batches.
  {
    table: 'command_batch',
    days: (keep) => keep.commandsDays,
    where: `created_at < $1 AND NOT EXISTS (SELECT FROM lamp_command WHERE lamp_command.batch_id = command_batch.id)
      AND NOT EXISTS (SELECT FROM level_override AS o WHERE o.id = command_batch.override_id AND o.released_at IS NULL AND o.expires_at >= $1)`,
  },
  // Faults hold what was made of them; what is asked of events is of the last day.
  { table: 'device_event', days: (keep) => keep.eventsDays, where: 'received_at < $1' },
  { table: 'idempotency_key', days: () => REMEMBERED_H / 24, where: 'created_at < $1' },
  { table: 'rejected_message', days: (keep) => keep.rejectedDays, where: 'received_at < $1' },
];

function finished(delivery: string): string {
  return `${delivery}.finished_at < $1 AND ${delivery}.state IN ('delivered', 'collected', 'dead')`;
}

/** One round; call again while `done` is false. */
export async function prune(
  pool: Pool,
  { nowMs, keep, ...bounds }: PruneOptions,
): Promise<{ readonly dropped: readonly Dropped[]; readonly done: boolean }> {
  const dropped: Dropped[] = [];
  let done = true;
  for (const { table, days, where } of RULES) {
    const keepDays = days(keep);
    if (keepDays === 0) continue;
    const deleted = await deleteInBatches(pool, table, where, [new Date(nowMs - keepDays * 86_400_000)], bounds);
    dropped.push({ table, kind: 'rows', count: deleted.rows });
    if (!deleted.done) done = false;
  }
  return { dropped, done };
}
