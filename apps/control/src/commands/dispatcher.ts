/**
 * One round of commands, as a list of steps: expire -> claim what is due (a lease in the database) -> judge each (send, give up) -> one
 * message per device -> publish, paced -> note what the broker has taken. A crash between any two steps leaves claims that fall due
 * again; a command that is sent twice does no harm, one whose time has passed is never sent.
 */
import { acknowledgeWithin, expiryProblem, judgeDue, type DeliveryPolicy } from '#libs/commands';
import type { Clock } from '#libs/kernel';
import { NotPublished, type Publisher } from '#libs/mqtt';
import { topicOf } from '#libs/protocol';
import {
  claimDueCommands,
  expireCommands,
  giveUp,
  markSent,
  returnClaims,
  type ClaimedCommand,
  type Pool,
} from '#libs/storage';
import type { ControlMetrics } from '../control-metrics.js';
import type { Pace } from '../pace.js';
import { groupMessages, type CommandMessage } from './group-messages.js';

/** Messages of one round: what a crash can leave claimed. */
const MESSAGES_PER_ROUND = 500;
/** How long a claim lasts, of wall time, ms. */
const LEASE_WALL_MS = 15_000;
/** When the broker would not take them, they are tried again after this, of wall time, ms. */
const RETURN_WALL_MS = 1_000;

export interface DispatcherParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly pace: Pace;
  readonly policy: DeliveryPolicy;
  readonly metrics: ControlMetrics;
}

export class Dispatcher {
  constructor(private readonly parts: DispatcherParts) {}

  /** True when there may be more to do at once. */
  async round(): Promise<boolean> {
    const { pool, clock, publisher, metrics } = this.parts;
    const expired = await expireCommands(pool, clock.nowMs(), expiryProblem);
    metrics.commands.inc({ event: 'expired' }, expired);
    if (!publisher.isReady) return false;
    const endTimer = metrics.claimSeconds.startTimer();
    const claimedAtMs = clock.nowMs();
    const claimed = await claimDueCommands(pool, claimedAtMs, LEASE_WALL_MS * clock.speed, MESSAGES_PER_ROUND);
    if (claimed.length === 0) return false;
    const messages = groupMessages(await this.judge(claimed));
    const isTaken = await Promise.all(messages.map((message) => this.send(message)));
    await this.note(
      messages.filter((_, index) => isTaken[index] === true),
      claimedAtMs,
    );
    const left = messages.filter((_, index) => isTaken[index] !== true);
    await returnClaims(pool, idsOf(left), clock.nowMs() + RETURN_WALL_MS * clock.speed);
    endTimer();
    return left.length === 0;
  }

  /** Those to be sent; the others end here. */
  private async judge(claimed: readonly ClaimedCommand[]): Promise<ClaimedCommand[]> {
    const { pool, clock, policy, metrics } = this.parts;
    const nowMs = clock.nowMs();
    const given: { id: string; problem: string }[] = [];
    const toSend: ClaimedCommand[] = [];
    for (const command of claimed) {
      const verdict = judgeDue(command, nowMs, policy);
      if (verdict.kind === 'send') toSend.push(command);
      else if (verdict.kind === 'giveUp') given.push({ id: command.id, problem: verdict.problem });
    }
    await giveUp(pool, given, nowMs);
    metrics.commands.inc({ event: 'failed' }, given.length);
    return toSend;
  }

  private async send({ site, device, payload, commandId, expiresAtMs }: CommandMessage): Promise<boolean> {
    const { clock, publisher, pace } = this.parts;
    await pace.turn();
    const remainingMs = expiresAtMs - clock.nowMs();
    if (remainingMs <= 0) return false;
    try {
      const expiryS = remainingMs / clock.speed / 1000;
      await publisher.publish(topicOf(site, device, 'command'), JSON.stringify(payload), {
        expiryS,
        correlation: commandId,
      });
      return true;
    } catch (error) {
      if (error instanceof NotPublished) return false;
      throw error;
    }
  }

  private async note(messages: readonly CommandMessage[], claimedAtMs: number): Promise<void> {
    const { pool, clock, policy, metrics } = this.parts;
    const nowMs = clock.nowMs();
    const sent = messages.flatMap(({ commands }) =>
      commands.map(({ id, attempts }) => ({ id, dueMs: nowMs + acknowledgeWithin(policy, attempts + 1) })),
    );
    await markSent(pool, sent, nowMs, claimedAtMs);
    metrics.commands.inc({ event: 'sent' }, sent.length);
  }
}

function idsOf(messages: readonly CommandMessage[]): string[] {
  return messages.flatMap(({ commands }) => commands.map(({ id }) => id));
}
