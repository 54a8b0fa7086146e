import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { Counter, type Registry } from '#libs/observability';
import { CAPABILITY, CLOCK, CONFIG, METRICS, POOL, Tick } from '#libs/platform';
import {
  applyTiers,
  enforceRetention,
  prune,
  withSiteLock,
  type DatabaseCapability,
  type Dropped,
  type Pool,
} from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';

const EVERY_MS = 10 * 60_000;
const BOUNDS = { batchRows: 10_000, maxBatches: 20 };

/** Applies the tiers from the configuration, and drops what is kept no longer. Several processes: one does it at a time. */
@Injectable()
export class HousekeepingService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly tick: Tick;
  private readonly dropped: Counter<'table' | 'kind'>;
  private isApplied = false;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(METRICS) registry: Registry,
    @Inject(CAPABILITY) private readonly capability: DatabaseCapability,
    @InjectPinoLogger(HousekeepingService.name) private readonly log: PinoLogger,
  ) {
    this.dropped = new Counter({
      name: 'felinar_housekeeping_dropped_total',
      help: 'What was dropped because it is kept no longer: rows, or chunks of hypertables',
      labelNames: ['table', 'kind'],
      registers: [registry],
    });
    this.tick = new Tick(
      () => this.keepHouse(),
      (error) => this.log.warn({ err: error }, 'housekeeping could not be done; trying again in 10 min'),
    );
  }

  /** At once and not awaited: the first averages of a large database take their time. */
  onApplicationBootstrap(): void {
    this.tick.trigger();
  }

  @Interval(EVERY_MS)
  look(): void {
    this.tick.trigger();
  }

  /** Does at once all that there is to do by now. */
  async lookOnce(): Promise<void> {
    await this.tick.once();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.tick.stop();
  }

  private async keepHouse(): Promise<void> {
    await withSiteLock(this.pool, 'housekeeping', 0, async () => {
      if (!this.isApplied) await this.apply();
      let done = false;
      while (!done && !this.tick.isStopping) done = await this.round();
    });
  }

  private async apply(): Promise<void> {
    const { changes } = await applyTiers(this.pool, {
      compressAfterDays: this.config.FELINAR_COMPRESS_AFTER_DAYS,
      policies: this.clock.speed === 1,
    });
    for (const change of changes) this.log.info(change);
    this.isApplied = true;
  }

  private async round(): Promise<boolean> {
    const { config } = this;
    const nowMs = this.clock.nowMs();
    const retained = await enforceRetention(this.pool, this.capability, {
      ...{ nowMs, ...BOUNDS, maxDays: 7 },
      keep: {
        readingsDays: config.FELINAR_KEEP_READINGS_DAYS,
        hourlyDays: config.FELINAR_KEEP_HOURLY_DAYS,
        dailyDays: config.FELINAR_KEEP_DAILY_DAYS,
      },
    });
    const pruned = await prune(this.pool, {
      ...{ nowMs, ...BOUNDS },
      keep: {
        faultsDays: config.FELINAR_KEEP_FAULTS_DAYS,
        messagesDays: config.FELINAR_KEEP_MESSAGES_DAYS,
        commandsDays: config.FELINAR_KEEP_COMMANDS_DAYS,
        eventsDays: config.FELINAR_KEEP_EVENTS_DAYS,
        rejectedDays: config.FELINAR_KEEP_REJECTED_DAYS,
      },
    });
    this.count([...retained.dropped, ...pruned.dropped]);
    return retained.done && pruned.done;
  }

  private count(dropped: readonly Dropped[]): void {
    for (const { table, kind, count } of dropped) this.dropped.inc({ table, kind }, count);
  }
}
