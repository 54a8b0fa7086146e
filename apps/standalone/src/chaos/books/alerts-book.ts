import { LAMP_FAULTS } from '#libs/faults';
import type { Pool } from '#libs/storage';
import { FOUND_FAULTS, type Breakage, type FoundFault } from '../breakages.js';
import type { Receipt } from '../receivers.js';
import { line, none, type BookLine } from './book-line.js';

/** One message through one channel, as the database has it. */
export interface StoredDelivery {
  readonly id: string;
  readonly channel: 'email' | 'webhook';
  readonly state: string;
  readonly alertId: string;
}

/** What the receivers took, and when monitor was killed, ms since the epoch. */
export interface Received {
  readonly email: readonly Receipt[];
  readonly webhook: readonly Receipt[];
  /** Messages that cannot be told from others, or are not signed rightly. */
  readonly unfit: number;
  readonly monitorKilledMs: readonly number[];
}

const DELIVERIES = `
  SELECT delivery.id, crew_channel.kind AS channel, delivery.state, alert_id::text AS "alertId"
  FROM delivery JOIN crew_channel ON crew_channel.id = delivery.channel_id WHERE delivery.kind = 'alert' ORDER BY delivery.serial`;

/** Everything true is found and told, once. */
export async function alertsBook(
  breakages: readonly Breakage[],
  wrongClocks: ReadonlySet<string>,
  received: Received,
  pool: Pool,
): Promise<BookLine[]> {
  const faults = await pool.query<FoundFault>(FOUND_FAULTS);
  const deliveries = await pool.query<StoredDelivery>(DELIVERIES);
  const lamps = await pool.query<{ subject: string }>(
    `SELECT 'lamp ' || address AS subject FROM lamp WHERE device = ANY($1::text[])`,
    [[...wrongClocks]],
  );
  const excused = new Set(lamps.rows.map(({ subject }) => subject));
  return [...compareFaults(breakages, faults.rows, excused), ...compareMessages(deliveries.rows, received)];
}

/** `excused`: lamps whose readings came in another order, as their device's clock was wrong. Pure. */
export function compareFaults(
  breakages: readonly Breakage[],
  faults: readonly FoundFault[],
  excused: ReadonlySet<string> = new Set(),
): BookLine[] {
  const own = Map.groupBy(faults, ({ kind, subject }) => `${kind} ${subject}`);
  const told = ({ kind, subject, fromMs }: Breakage, ...events: string[]) =>
    (own.get(`${kind} ${subject}`) ?? [])
      .flatMap((fault) => fault.told)
      .filter(({ event, atMs }) => events.includes(event) && atMs >= fromMs).length;
  const missed = breakages.filter(({ foundMs }) => foundMs === undefined);
  const notOnce = breakages.filter((breakage) => told(breakage, 'opened', 'reopened') !== 1);
  // Silence is over only after a quarter of an hour without it.
  const mended = breakages.filter(({ kind, mendedMs }) => mendedMs !== undefined && kind !== 'communicationFailure');
  const notCleared = mended.filter((breakage) => told(breakage, 'cleared') !== 1);
  const true_ = new Set(breakages.map(({ kind, subject }) => `${kind} ${subject}`));
  const invented = faults.filter(
    ({ kind, subject }) =>
      (LAMP_FAULTS as readonly string[]).includes(kind) && !true_.has(`${kind} ${subject}`) && !excused.has(subject),
  );
  const words = (breakage: Breakage, count: number) => `${breakage.kind} of ${breakage.subject}: told ${count} times`;
  return [
    line(
      'faults and alerts',
      'true faults, and found',
      breakages.length,
      breakages.length - missed.length,
      missed.map(({ kind, subject, fromMs }) => `${kind} of ${subject} since ${new Date(fromMs).toISOString()}`),
    ),
    line(
      'faults and alerts',
      'true faults, and told as open exactly once',
      breakages.length,
      breakages.length - notOnce.length,
      notOnce.map((each) => words(each, told(each, 'opened', 'reopened'))),
    ),
    line(
      'faults and alerts',
      'lamps mended, and told as cleared exactly once',
      mended.length,
      mended.length - notCleared.length,
      notCleared.map((each) => words(each, told(each, 'cleared'))),
    ),
    none(
      'faults and alerts',
      'faults of lamps that nobody has broken',
      invented.map(({ kind, subject, openedMs }) => `${kind} of ${subject} at ${new Date(openedMs).toISOString()}`),
    ),
  ];
}

/** Pure. */
export function compareMessages(deliveries: readonly StoredDelivery[], received: Received): BookLine[] {
  const open = deliveries.filter(({ state }) => state !== 'delivered');
  const halfTold = [...Map.groupBy(deliveries, ({ alertId }) => alertId)].filter(([, own]) => own.length !== 2);
  const byChannel = (['email', 'webhook'] as const).flatMap((channel) => {
    const made = deliveries.filter((each) => each.channel === channel).map(({ id }) => id);
    const taken = new Set(received[channel].map(({ deliveryId }) => deliveryId));
    return [
      line(
        'faults and alerts',
        `messages by ${channel}, and taken by the receiver`,
        made.length,
        made.filter((id) => taken.has(id)).length,
        made.filter((id) => !taken.has(id)),
      ),
      none(
        'faults and alerts',
        `messages taken by ${channel} that are no delivery`,
        [...taken].filter((id) => !made.includes(id)),
      ),
    ];
  });
  const repeated = [...repetitions(received.email), ...repetitions(received.webhook)];
  const excused = repeated.filter(({ firstMs, againMs }) =>
    received.monitorKilledMs.some((killedMs) => killedMs >= firstMs && killedMs <= againMs),
  );
  return [
    line(
      'faults and alerts',
      'messages to be told, and delivered',
      deliveries.length,
      deliveries.length - open.length,
      open.map(({ id, channel, state }) => `${id} by ${channel}: ${state}`),
    ),
    none(
      'faults and alerts',
      'alerts that did not go to both channels, once each',
      halfTold.map(([alertId, own]) => `alert ${alertId}: ${own.length} deliveries`),
    ),
    ...byChannel,
    line(
      'faults and alerts',
      'messages that came again, and monitor was killed between its sending and its note',
      repeated.length,
      excused.length,
      repeated
        .filter((each) => !excused.includes(each))
        .map(({ deliveryId, firstMs, againMs }) => `${deliveryId} again after ${againMs - firstMs} ms`),
    ),
    line('faults and alerts', 'messages without a name or a right signature', 0, received.unfit),
  ];
}

/** Receipts of what had been taken before. */
function repetitions(receipts: readonly Receipt[]) {
  const firsts = new Map<string, number>();
  return receipts.flatMap(({ deliveryId, atMs }) => {
    const firstMs = firsts.get(deliveryId);
    if (firstMs === undefined) firsts.set(deliveryId, atMs);
    return firstMs === undefined ? [] : [{ deliveryId, firstMs, againMs: atMs }];
  });
}
