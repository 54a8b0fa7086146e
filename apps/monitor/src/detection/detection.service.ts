import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Clock } from '#libs/kernel';
import { Counter, Histogram, type Registry } from '#libs/observability';
import { CAPABILITY, CLOCK, METRICS, POOL } from '#libs/platform';
import { siteIds, withSiteLock, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { Detector } from './detector.js';

/** The city is looked at every five seconds, and where its clock runs faster, every minute of it as far as the machine can. */
const EVERY_MS = 5_000;
const EVERY_CITY_MS = 60_000;
const TICK_MS = 250;

/** Looks at every site, again and again. Several processes share the sites. */
@Injectable()
export class DetectionService implements BeforeApplicationShutdown {
  private readonly detector: Detector;
  private readonly events: Counter<'kind' | 'event'>;
  private readonly alerts: Counter;
  private readonly seconds: Histogram;
  private running: Promise<void> | undefined;
  private stopping = false;
  private lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) registry: Registry,
    // Not used, awaited: nothing is read before the schema is up to date.
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(DetectionService.name) private readonly log: PinoLogger,
  ) {
    this.detector = new Detector(pool, clock);
    const registers = [registry];
    this.events = new Counter({
      name: 'felinar_monitor_fault_events_total',
      help: 'What has become of faults: opened, reopened, cleared, closed',
      labelNames: ['kind', 'event'],
      registers,
    });
    this.alerts = new Counter({
      name: 'felinar_monitor_alerts_total',
      help: 'Alerts handed over for delivery',
      registers,
    });
    this.seconds = new Histogram({
      name: 'felinar_monitor_look_seconds',
      help: 'Time that one look at a site takes',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
  }

  @Interval(TICK_MS)
  async look(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.lookedAtMs < Math.min(EVERY_MS * this.clock.speed, Math.max(EVERY_MS, EVERY_CITY_MS))) return;
    await this.lookNow();
  }

  /** Looks without waiting for its turn; when a look is under way, waits for that. */
  async lookNow(): Promise<void> {
    this.lookedAtMs = this.clock.nowMs();
    this.running ??= this.lookAtAll().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async lookAtAll(): Promise<void> {
    try {
      for (const siteId of await siteIds(this.pool)) {
        if (this.stopping) return;
        await withSiteLock(this.pool, 'detect', siteId, () => this.lookAt(siteId));
      }
    } catch (error) {
      // The next look finds the same.
      this.log.warn({ err: error }, 'the city could not be looked at; trying again in 5 s');
    }
  }

  private async lookAt(siteId: number): Promise<void> {
    const endTimer = this.seconds.startTimer();
    const { events, alerts } = await this.detector.look(siteId);
    endTimer();
    for (const { kind, event, subject, evidence, reading } of events) {
      this.events.inc({ kind, event });
      const readingAt = reading === undefined ? undefined : new Date(reading.atMs).toISOString();
      this.log.info(
        { correlationId: reading?.messageId ?? undefined, siteId, kind, event, subject, evidence, readingAt },
        'fault event',
      );
    }
    this.alerts.inc(alerts);
  }
}
