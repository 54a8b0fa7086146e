import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Clock } from '#libs/kernel';
import { Gauge, type Registry } from '#libs/observability';
import { CAPABILITY, CLOCK, METRICS, POOL } from '#libs/platform';
import { bookEnergy, type DatabaseCapability, type Pool } from '#libs/storage';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';

const EVERY_MS = 20_000;
const GRACE_MS = 10 * 60_000;
const PORTION_MS = 3 * 3_600_000;

/** Books energy from the registers that ingest has stored (libs/storage/src/energy). Several processes may do so. */
@Injectable()
export class EnergyBookingService implements BeforeApplicationShutdown {
  private running: Promise<void> | undefined;
  private stopping = false;
  private readonly bookedUntil: Gauge;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) registry: Registry,
    @Inject(CAPABILITY) _capability: DatabaseCapability,
    @InjectPinoLogger(EnergyBookingService.name) private readonly log: PinoLogger,
  ) {
    this.bookedUntil = new Gauge({
      name: 'felinar_energy_booked_until_seconds',
      help: 'Energy is booked up to this time, Unix seconds; what is younger is computed when it is asked for',
      registers: [registry],
    });
  }

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    this.running ??= this.book().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async book(): Promise<void> {
    try {
      let done = false;
      while (!done && !this.stopping) {
        const report = await bookEnergy(this.pool, {
          nowMs: this.clock.nowMs(),
          graceMs: GRACE_MS,
          portionMs: PORTION_MS,
        });
        done = report.done;
        this.bookedUntil.set(report.bookedUntilMs / 1000);
      }
    } catch (error) {
      // The next tick goes on where this one ended; until then the views compute more from the raw readings.
      this.log.warn({ err: error }, 'energy could not be booked; trying again in 20 s');
    }
  }
}
