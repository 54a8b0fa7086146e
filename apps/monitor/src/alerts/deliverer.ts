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
  renewClaim,
  type ClaimedDelivery,
  type DeliveryMessage,
  type Pool,
} from '#libs/storage';
import type { AlertMetrics } from './alert-metrics.js';
import type { EmailSender } from './email-sender.js';
import { withLinks, type LinkSettings } from './links.js';
import type { WebhookSender } from './webhook-sender.js';

/** A claim lasts so long, of wall time: what a process that died had in hand waits for that. A process that lives renews it. */
const LEASE_WALL_MS = 60_000;
const RENEWALS_PER_LEASE = 4;
const AT_ONCE = 8;
const AT_ONCE_PER_CHANNEL = 2;
/** How long apart noting what came of a try is tried, and how often by a process that is to stop. */
const NOTE_AGAIN_WALL_MS = 500;
const NOTE_TRIES_AT_END = 10;

export interface DelivererParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly email: EmailSender;
  readonly webhook: WebhookSender;
  readonly links: LinkSettings;
  readonly metrics: AlertMetrics;
  readonly onTried?: (tried: TriedDelivery) => void;
  /** Whether the process is to stop. */
  readonly isStopping: () => boolean;
  /** For tests. */
  readonly leaseWallMs?: number;
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
      leaseMs: this.leaseWallMs * clock.speed,
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
    await this.holding(delivery, async () => {
      const outcome = await this.send(message);
      const channel = message.channel.kind;
      this.parts.metrics.tries.inc({ channel, outcome: outcome.kind });
      const faultIds = message.notices.map(({ fault }) => fault.id);
      this.parts.onTried?.({ deliveryId: delivery.id, faultIds, channel, outcome: outcome.kind });
      await this.persist(() => this.note(delivery, outcome));
    });
  }

  private get leaseWallMs(): number {
    return this.parts.leaseWallMs ?? LEASE_WALL_MS;
  }

  /** Renews the claim for as long as the work takes. */
  private async holding(delivery: ClaimedDelivery, work: () => Promise<void>): Promise<void> {
    const { pool, clock } = this.parts;
    const done = new AbortController();
    const renewing = async () => {
      const pause = () => delay(this.leaseWallMs / RENEWALS_PER_LEASE, true, { signal: done.signal, ref: false });
      while (await pause().catch(() => false)) {
        // A database that is away lets nobody else claim it either.
        await renewClaim(pool, delivery, clock.nowMs() + this.leaseWallMs * clock.speed).catch(() => undefined);
      }
    };
    void renewing();
    await work().finally(() => done.abort());
  }

  /** A database that is away, for however long, must not make a double. */
  private async persist(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries >= NOTE_TRIES_AT_END && this.parts.isStopping()) throw error;
        await delay(NOTE_AGAIN_WALL_MS);
      }
    }
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
