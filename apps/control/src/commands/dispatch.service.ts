import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { confirms, deliveryPolicy } from '#libs/commands';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { Publisher } from '#libs/mqtt';
import { CAPABILITY, CLOCK, CONFIG, POOL, Tick } from '#libs/platform';
import { ChangeListener, markConfirmed, reportedCommands, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { ControlMetrics } from '../control-metrics.js';
import { Pace } from '../pace.js';
import { Dispatcher } from './dispatcher.js';

const DISPATCH_EVERY_MS = 500;
const CONFIRM_EVERY_MS = 500;
/** Readings of the last seconds of wall time are looked at again: they may have been committed late. */
const CONFIRM_OVERLAP_WALL_MS = 5_000;

/** Sends what is due, and follows it until the lamps show it. */
@Injectable()
export class DispatchService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly dispatch: Tick;
  private readonly confirm: Tick;
  private readonly listener: ChangeListener;
  private readonly dispatcher: Dispatcher;
  /** Everything received before has been judged; undefined at the start: everything is looked at once. */
  private judgedUntilMs = 0;

  constructor(
    @Inject(CONFIG) config: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(POOL) private readonly pool: Pool,
    publisher: Publisher,
    private readonly metrics: ControlMetrics,
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(DispatchService.name) private readonly log: PinoLogger,
  ) {
    this.dispatcher = new Dispatcher({
      pool,
      clock,
      publisher,
      pace: new Pace(config.FELINAR_CONTROL_PUBLISH_PER_SECOND),
      policy: deliveryPolicy(clock.speed),
      metrics,
    });
    this.dispatch = new Tick(
      () => this.dispatchAll(),
      (error) => this.log.warn({ err: error }, 'commands could not be sent; trying again at once'),
    );
    this.confirm = new Tick(
      () => this.confirmReported(),
      (error) => this.log.warn({ err: error }, 'commands could not be confirmed; trying again at once'),
    );
    this.listener = new ChangeListener(config.FELINAR_DATABASE_URL, 'command_queued', () => this.dispatch.trigger());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listener.start();
  }

  @Interval(DISPATCH_EVERY_MS)
  lookForDue(): void {
    this.dispatch.trigger();
  }

  @Interval(CONFIRM_EVERY_MS)
  lookForReported(): void {
    this.confirm.trigger();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.dispatch.stop(), this.confirm.stop()]);
    await this.listener.stop();
  }

  private async dispatchAll(): Promise<void> {
    while (!this.dispatch.isStopping && (await this.dispatcher.round()));
  }

  private async confirmReported(): Promise<void> {
    const nowMs = this.clock.nowMs();
    const reported = await reportedCommands(this.pool, this.judgedUntilMs);
    const confirmed = reported
      .filter((command) => confirms(command.levelPercent, command, command))
      .map(({ id }) => id);
    await markConfirmed(this.pool, confirmed, nowMs);
    this.metrics.commands.inc({ event: 'confirmed' }, confirmed.length);
    this.judgedUntilMs = nowMs - CONFIRM_OVERLAP_WALL_MS * this.clock.speed;
  }
}
