import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Clock } from '#libs/kernel';
import { Histogram, type Registry } from '#libs/observability';
import { CAPABILITY, CLOCK, METRICS, POOL } from '#libs/platform';
import { siteIds, withSiteLock, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { Reporter } from './reporter.js';

/** A report every five minutes of the city's time, where its clock runs faster as often as the machine can. */
const EVERY_CITY_MS = 5 * 60_000;
const TICK_MS = 5_000;

/** Writes what dashboards read, site by site. Several processes share the sites. */
@Injectable()
export class ReportingService implements BeforeApplicationShutdown {
  private readonly reporter: Reporter;
  private readonly seconds: Histogram;
  private running: Promise<void> | undefined;
  private stopping = false;
  private reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) registry: Registry,
    // Not used, awaited: nothing is read before the schema is up to date.
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(ReportingService.name) private readonly log: PinoLogger,
  ) {
    this.reporter = new Reporter(pool, clock);
    this.seconds = new Histogram({
      name: 'felinar_monitor_report_seconds',
      help: 'Time that it takes to sum up a site for the dashboards',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers: [registry],
    });
  }

  @Interval(TICK_MS)
  async tick(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.reportedAtMs < EVERY_CITY_MS) return;
    this.running ??= this.reportAll(nowMs).finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async reportAll(nowMs: number): Promise<void> {
    try {
      for (const siteId of await siteIds(this.pool)) {
        if (this.stopping) return;
        await withSiteLock(this.pool, 'report', siteId, async () => {
          const endTimer = this.seconds.startTimer();
          await this.reporter.report(siteId);
          endTimer();
        });
      }
      this.reportedAtMs = nowMs;
    } catch (error) {
      // Everything is worked out again from what is stored.
      this.log.warn({ err: error }, 'the sums for the dashboards could not be made; trying again in 5 s');
    }
  }
}
