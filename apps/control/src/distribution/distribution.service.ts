import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { Publisher } from '#libs/mqtt';
import { CAPABILITY, CLOCK, CONFIG, POOL, Tick } from '#libs/platform';
import { ChangeListener, scheduledSites, withSiteLock, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { ControlMetrics } from '../control-metrics.js';
import { Pace } from '../pace.js';
import { Distributor, isBrokerAway } from './distributor.js';

/** Without any change the programs are looked at again this often: nights pass, devices drift. */
const EVERY_MS = 10_000;
/** Changes come in bursts (an import, an engineer's edits): they are waited for so long, ms. */
const SETTLE_MS = 300;

/** Keeps every device on the program that it shall run. Several processes share the sites. */
@Injectable()
export class DistributionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly tick: Tick;
  private readonly listener: ChangeListener;
  private readonly distributor: Distributor;
  private settling: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: Environment,
    @Inject(CLOCK) clock: Clock,
    @Inject(POOL) private readonly pool: Pool,
    private readonly publisher: Publisher,
    private readonly metrics: ControlMetrics,
    // Not used, awaited: nothing is read before the schema is up to date.
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(DistributionService.name) private readonly log: PinoLogger,
  ) {
    this.distributor = new Distributor({
      pool,
      clock,
      publisher,
      pace: new Pace(config.FELINAR_CONTROL_PUBLISH_PER_SECOND),
      mismatchAfterMs: config.FELINAR_CONTROL_MISMATCH_AFTER_S * 1000,
      isStopping: () => this.tick.isStopping,
    });
    this.tick = new Tick(
      () => this.distribute(),
      (error) => this.log.warn({ err: error }, 'programs could not be distributed; trying again in 10 s'),
    );
    this.listener = new ChangeListener(config.FELINAR_DATABASE_URL, 'control_changed', () => this.changed());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listener.start();
  }

  @Interval(EVERY_MS)
  look(): void {
    this.tick.trigger();
  }

  /** Looks without waiting for its turn: for a clock that runs in steps. */
  lookNow(): Promise<void> {
    return this.tick.once();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.settling);
    await this.tick.stop();
    await this.listener.stop();
  }

  private changed(): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.tick.trigger(), SETTLE_MS);
  }

  private async distribute(): Promise<void> {
    if (!this.publisher.isReady) return;
    for (const siteId of await scheduledSites(this.pool)) {
      if (this.tick.isStopping) return;
      await withSiteLock(this.pool, 'distribute', siteId, () => this.pass(siteId)).catch((error: unknown) => {
        // One site's trouble must not keep the others dark.
        if (!isBrokerAway(error))
          this.log.error({ err: error, siteId }, 'the programs of a site could not be distributed');
      });
    }
  }

  private async pass(siteId: number): Promise<void> {
    const { published, resent, mismatched } = await this.distributor.pass(siteId);
    this.metrics.programsPublished.inc({ why: 'new' }, published);
    this.metrics.programsPublished.inc({ why: 'drifted' }, resent);
    if (published + resent > 0) this.log.info({ siteId, published, resent }, 'programs published');
    if (mismatched.length > 0) {
      this.log.warn(
        { siteId, devices: mismatched.slice(0, 20), count: mismatched.length },
        'programMismatch: devices are online and do not run their program; see GET …/device-programs?mismatch=true',
      );
    }
  }
}
