import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, type Registry } from '#libs/observability';
import { METRICS, POOL } from '#libs/platform';
import { countDevicesOutOfStep, countOpenCommands, type Pool } from '#libs/storage';

/** What control counts. */
@Injectable()
export class ControlMetrics {
  readonly programsPublished: Counter<'why'>;
  readonly commands: Counter<'event'>;
  readonly unusable: Counter<'channel'>;
  readonly claimSeconds: Histogram;

  constructor(@Inject(METRICS) registry: Registry, @Inject(POOL) pool: Pool) {
    const registers = [registry];
    this.watchDepths(registers, pool);
    this.programsPublished = new Counter({
      name: 'felinar_control_programs_published_total',
      help: 'Programs handed to the broker: new ones, and again because the device ran another',
      labelNames: ['why'],
      registers,
    });
    this.commands = new Counter({
      name: 'felinar_control_commands_total',
      help: 'Commands to one lamp by what happened to them',
      labelNames: ['event'],
      registers,
    });
    this.unusable = new Counter({
      name: 'felinar_control_unusable_answers_total',
      help: 'Messages of devices on ack and program-state that could not be read, or answer nothing that was asked',
      labelNames: ['channel'],
      registers,
    });
    this.claimSeconds = new Histogram({
      name: 'felinar_control_dispatch_seconds',
      help: 'Time to claim, send and note one round of commands',
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }
  /** What waits, counted when it is asked for: it stands in the database, and every process sees the same. */
  private watchDepths(registers: Registry[], pool: Pool): void {
    new Gauge({
      name: 'felinar_control_commands_open',
      help: 'Commands to one lamp that have not ended, by state',
      labelNames: ['state'],
      registers,
      async collect() {
        this.reset();
        // Without a database there is nothing to say; readiness says that.
        const counts = await countOpenCommands(pool).catch(() => []);
        for (const { state, count } of counts) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'felinar_control_devices_out_of_step',
      help: 'Devices that do not say that they run the program they shall, and those of them raised as programMismatch',
      labelNames: ['mismatch'],
      registers,
      async collect() {
        this.reset();
        const counts = await countDevicesOutOfStep(pool).catch(() => []);
        for (const { mismatch, count } of counts) this.set({ mismatch: String(mismatch) }, count);
      },
    });
  }
}
