import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { CAPABILITY, CLOCK, CONFIG, POOL, Tick } from '#libs/platform';
import {
  inTransaction,
  planOverrideCommands,
  planSwitchCommands,
  readScheduledLamps,
  readServerDrivenLamps,
  readSiteSchedules,
  serverDrivenSites,
  sitePrograms,
  sitesUnderOverride,
  withSiteLock,
  type DatabaseCapability,
  type Pool,
} from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { switchCommands } from './switch-points.js';

/** Overrides that begin or end, devices that lost theirs. */
const OVERRIDES_EVERY_MS = 2_000;
/** Switch points of devices that cannot store programs. */
const SWITCH_POINTS_EVERY_MS = 1_000;

/** Makes commands when it is time: the API makes those of an override that begins at once. */
@Injectable()
export class CommandPlanningService implements BeforeApplicationShutdown {
  private readonly overrides: Tick;
  private readonly switchPoints: Tick;

  constructor(
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(CommandPlanningService.name) private readonly log: PinoLogger,
  ) {
    this.overrides = new Tick(
      () => this.planOverrides(),
      (error) => this.log.warn({ err: error }, 'overrides could not be looked at; trying again in 2 s'),
    );
    this.switchPoints = new Tick(
      () => this.planSwitchPoints(),
      (error) => this.log.warn({ err: error }, 'switch points could not be commanded; trying again in 1 s'),
    );
  }

  @Interval(OVERRIDES_EVERY_MS)
  lookAtOverrides(): void {
    this.overrides.trigger();
  }

  @Interval(SWITCH_POINTS_EVERY_MS)
  lookAtSwitchPoints(): void {
    this.switchPoints.trigger();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.overrides.stop(), this.switchPoints.stop()]);
  }

  private async planOverrides(): Promise<void> {
    for (const siteId of await sitesUnderOverride(this.pool, this.clock.nowMs())) {
      const planned = await inTransaction(this.pool, (client) =>
        planOverrideCommands(client, siteId, {
          nowMs: this.clock.nowMs(),
          cabinetLampsPerS: this.config.FELINAR_CONTROL_CABINET_LAMPS_PER_SECOND,
        }),
      );
      for (const batch of planned) this.log.info({ siteId, ...batch }, 'commands made');
    }
  }

  private async planSwitchPoints(): Promise<void> {
    for (const siteId of await serverDrivenSites(this.pool)) {
      await withSiteLock(this.pool, 'switchPoints', siteId, () => this.planSwitchPointsOf(siteId));
    }
  }

  private async planSwitchPointsOf(siteId: number): Promise<void> {
    const schedules = await readSiteSchedules(this.pool, siteId);
    if (schedules === undefined) return;
    const lamps = await readScheduledLamps(this.pool, siteId, { serverDriven: true });
    const nowMs = this.clock.nowMs();
    const commanded = new Map(
      (await readServerDrivenLamps(this.pool, siteId, nowMs)).map((lamp) => [lamp.lampId, lamp]),
    );
    const commands = switchCommands(sitePrograms(schedules), lamps, commanded, nowMs);
    if (commands.length === 0) return;
    const made = await inTransaction(this.pool, (client) => planSwitchCommands(client, siteId, commands, nowMs));
    this.log.info({ siteId, lamps: made }, 'switch points commanded');
  }
}
