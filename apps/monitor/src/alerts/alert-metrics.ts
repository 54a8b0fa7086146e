import { Inject, Injectable } from '@nestjs/common';
import { DELIVERY_STATES } from '#libs/alerts';
import type { Clock } from '#libs/kernel';
import { Counter, Gauge, type Registry } from '#libs/observability';
import { CLOCK, METRICS, POOL } from '#libs/platform';
import { countUndelivered, type Pool } from '#libs/storage';

/** What the alerts count. */
@Injectable()
export class AlertMetrics {
  readonly routed: Counter<'to'>;
  readonly tries: Counter<'channel' | 'outcome'>;

  constructor(@Inject(METRICS) registry: Registry, @Inject(POOL) pool: Pool, @Inject(CLOCK) clock: Clock) {
    const registers = [registry];
    this.routed = new Counter({
      name: 'felinar_monitor_alerts_routed_total',
      help: 'Alerts by to whom they go: somebody, or nobody because no channel wants them',
      labelNames: ['to'],
      registers,
    });
    this.tries = new Counter({
      name: 'felinar_monitor_delivery_tries_total',
      help: 'Tries to deliver a message, by what came of them',
      labelNames: ['channel', 'outcome'],
      registers,
    });
    this.watchUndelivered(registers, pool, clock);
  }

  /** Counted when it is asked for: it stands in the database, and every process sees the same. */
  private watchUndelivered(registers: Registry[], pool: Pool, clock: Clock): void {
    // Without a database there is nothing to say; readiness says that.
    const count = () => countUndelivered(pool).catch(() => []);
    new Gauge({
      name: 'felinar_monitor_deliveries',
      help: 'Messages that have not been delivered, by state: waiting for a digest, pending, dead',
      labelNames: ['state'],
      registers,
      async collect() {
        this.reset();
        const counts = new Map((await count()).map((row) => [row.state, row.count]));
        for (const state of DELIVERY_STATES.filter((each) => each !== 'delivered' && each !== 'collected'))
          this.set({ state }, counts.get(state) ?? 0);
      },
    });
    new Gauge({
      name: 'felinar_monitor_oldest_pending_delivery_seconds',
      help: 'Age of the oldest message that is to be sent and has not been; 0 when there is none',
      registers,
      async collect() {
        const pending = (await count()).find(({ state }) => state === 'pending');
        this.set(pending === undefined ? 0 : Math.max(0, (clock.nowMs() - pending.oldestMs) / 1000));
      },
    });
  }
}
