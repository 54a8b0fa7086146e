/**
 * One round of deliveries, as a list of steps: claim what is due (a lease in the database) -> read what it says -> send -> note at once
 * what came of it. A crash between any two steps leaves claims that fall due again, under the same id: that the receiver had taken it
 * and the note was lost is the one way to a double, and the id in its headers lets the receiver drop it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { nextTry, type Outcome } from '#libs/alerts';
import type { Clock } from '#libs/kernel';
import {
  claimDeliveries,
  markDead,
  markDelayed,
  markDelivered,
  readMessages,
  type ClaimedDelivery,
  type DeliveryMessage,
  type Pool,
} from '#libs/storage';
import type { AlertMetrics } from './alert-metrics.js';
import type { EmailSender } from './email-sender.js';
import { withLinks, type LinkSettings } from './links.js';
import type { WebhookSender } from './webhook-sender.js';

/** Longer than any try can take, of wall time. */
const LEASE_WALL_MS = 5 * 60_000;
const AT_ONCE = 8;
const AT_ONCE_PER_CHANNEL = 2;
/** How often, and how long apart, noting that something was taken is tried before it is left to be delivered again. */
const NOTE_TRIES = 10;
const NOTE_AGAIN_WALL_MS = 500;

export interface DelivererParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly email: EmailSender;
  readonly webhook: WebhookSender;
  readonly links: LinkSettings;
  readonly metrics: AlertMetrics;
  readonly onTried?: (tried: TriedDelivery) => void;
}

export interface TriedDelivery {
  readonly deliveryId: string;
  readonly faultIds: readonly string[];
  readonly channel: string;
  readonly outcome: Outcome['kind'];
}

export class Deliverer {
  constructor(private readonly parts: DelivererParts) {}

  /** True when there may be more to do at once. */
  async round(): Promise<boolean> {
    const { pool, clock } = this.parts;
    const claimed = await claimDeliveries(pool, clock.nowMs(), {
      leaseMs: LEASE_WALL_MS * clock.speed,
      take: AT_ONCE,
      takePerChannel: AT_ONCE_PER_CHANNEL,
    });
    const messages = await readMessages(
      pool,
      claimed.map(({ id }) => id),
    );
    const done = await Promise.allSettled(claimed.map((delivery) => this.deliver(delivery, messages.get(delivery.id))));
    const failed = done.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return claimed.length > 0;
  }

  /** `message` undefined: its channel was deleted in the meantime, and it with it. */
  private async deliver(delivery: ClaimedDelivery, message: DeliveryMessage | undefined): Promise<void> {
    if (message === undefined) return;
    const outcome = await this.send(message);
    const channel = message.channel.kind;
    this.parts.metrics.tries.inc({ channel, outcome: outcome.kind });
    const faultIds = message.notices.map(({ fault }) => fault.id);
    this.parts.onTried?.({ deliveryId: delivery.id, faultIds, channel, outcome: outcome.kind });
    await persist(() => this.note(delivery, outcome));
  }

  private send(message: DeliveryMessage): Promise<Outcome> {
    const { clock, email, webhook, links } = this.parts;
    const { channel } = message;
    const nowMs = clock.nowMs();
    const linked = withLinks(message, links, nowMs);
    if (channel.kind === 'email') return email.send(linked, channel.target);
    return webhook.send(linked, channel.target, channel.secret ?? '', nowMs);
  }

  private async note(delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
    const { pool, clock } = this.parts;
    const nowMs = clock.nowMs();
    if (outcome.kind === 'accepted') return markDelivered(pool, delivery.id, nowMs);
    if (outcome.kind === 'refused') return markDead(pool, delivery, nowMs, outcome.problem);
    const next = nextTry(delivery.attempts, nowMs, delivery.giveUpAtMs, Math.random());
    if (next.kind === 'retry') return markDelayed(pool, delivery, next.dueMs, outcome.problem);
    return markDead(pool, delivery, nowMs, `given up after ${delivery.attempts} tries: ${outcome.problem}`);
  }
}

/** A database that is away for a moment must not make a double. */
async function persist(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === NOTE_TRIES) throw error;
      await delay(NOTE_AGAIN_WALL_MS);
    }
  }
}
