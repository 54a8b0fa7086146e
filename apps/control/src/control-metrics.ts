import { Inject, Injectable } from '@nestjs/common';
import { Counter, Histogram, type Registry } from '#libs/observability';
import { METRICS } from '#libs/platform';

/** What control counts. */
@Injectable()
export class ControlMetrics {
  readonly programsPublished: Counter<'why'>;
  readonly commands: Counter<'event'>;
  readonly unusable: Counter<'channel'>;
  readonly claimSeconds: Histogram;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
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
}
