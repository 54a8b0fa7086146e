import type { Clock } from '#libs/kernel';
import {
  commandSchema,
  configSchema,
  programSchema,
  type Command,
  type DownChannel,
  type Program,
} from '#libs/protocol';
import { DeviceLink, type LinkOptions } from './device-link.js';
import { planUntil, storedPlan, type LevelPlan } from './level-plan.js';
import type { LampController, TrueReading } from './simulated-lamp.js';

export interface DeviceOptions extends Omit<LinkOptions, 'status' | 'onMessage'> {
  readonly lamps: readonly LampController[];
  readonly reportingIntervalS: number;
  readonly defaultPlan: LevelPlan;
  /** When it reports first. */
  readonly firstReportMs: number;
}

/** A controller or a gateway: speaks for its lamps, and obeys command, program and config. */
export class SimulatedDevice {
  readonly link: DeviceLink;
  private reportingIntervalS: number;
  private dueMs: number;
  private made = 0;
  private reporting = true;
  private readonly lamps: ReadonlyMap<string, LampController>;
  private readonly clock: Clock;
  private programHash: string | null = null;

  constructor(private readonly options: DeviceOptions) {
    this.lamps = new Map(options.lamps.map((lamp) => [lamp.lamp.address, lamp]));
    this.clock = options.clock;
    this.reportingIntervalS = options.reportingIntervalS;
    this.dueMs = options.firstReportMs;
    this.link = new DeviceLink({
      ...options,
      status: () => this.status(),
      onMessage: (channel, payload) => this.receive(channel, payload),
    });
  }

  /** When it reports next. */
  get nextReportMs(): number {
    return this.dueMs;
  }

  /** Readings made so far. */
  get generated(): number {
    return this.made;
  }

  /** Makes every report that is due up to an instant, each at its own. */
  reportUntil(ms: number): void {
    while (this.reporting && this.dueMs <= ms) {
      const readings: TrueReading[] = [];
      for (const lamp of this.lamps.values()) readings.push(lamp.readingAt(this.dueMs));
      this.made += readings.length;
      this.dueMs += this.reportingIntervalS * 1000;
      this.link.send(readings);
    }
  }

  /** Makes no more readings. */
  endReports(): void {
    this.reporting = false;
  }

  private status(): object {
    const { reportingIntervalS } = this;
    const model = this.lamps.size > 1 ? 'Felinar simulated gateway' : 'Felinar simulated controller';
    return { v: 1, online: true, time: this.now(), firmware: '1.0.0', model, reportingIntervalS, storesProgram: true };
  }

  /** What cannot be read is passed over, as a device would: it must not fall over its server. */
  private receive(channel: DownChannel, payload: Buffer): void {
    let message: unknown;
    try {
      message = JSON.parse(payload.toString());
    } catch {
      return;
    }
    if (channel === 'command') {
      const command = commandSchema.safeParse(message);
      if (command.success) this.obey(command.data);
    } else if (channel === 'program') {
      const program = programSchema.safeParse(message);
      if (program.success) this.run(program.data);
    } else {
      const config = configSchema.safeParse(message);
      if (config.success) this.reportingIntervalS = config.data.reportingIntervalS ?? this.reportingIntervalS;
    }
  }

  private obey(command: Command): void {
    const nowMs = this.clock.nowMs();
    const untilMs = Date.parse(command.expiresAt);
    const lamps = command.lamps.map((address) => this.lamps.get(address));
    const isExpired = untilMs <= nowMs;
    const isMine = lamps.every((lamp) => lamp !== undefined);
    if (!isExpired && isMine) {
      // Time does not run backwards in a lamp: reports from before the command are made before it.
      this.reportUntil(nowMs);
      for (const lamp of lamps)
        lamp?.command(command.lightLevelPercent ?? undefined, command.fadeS ?? 0, untilMs, nowMs);
    }
    const result = isExpired ? 'expired' : isMine ? 'executed' : 'refused';
    const reason = result === 'refused' ? { reason: 'not all of these lamps are mine' } : {};
    this.link.say('ack', { v: 1, commandId: command.commandId, time: this.now(), result, ...reason });
  }

  private run(program: Program): void {
    const nowMs = this.clock.nowMs();
    const untilMs = Date.parse(program.validUntil);
    const isValid = untilMs > nowMs;
    const { defaultPlan } = this.options;
    this.reportUntil(nowMs);
    for (const { lamps, switchPoints } of program.programs) {
      const points = switchPoints.map(([atS, levelPercent, fadeS]) => ({ atMs: atS * 1000, levelPercent, fadeS }));
      const plan = isValid ? planUntil(storedPlan(points), untilMs, defaultPlan) : defaultPlan;
      for (const address of lamps) this.lamps.get(address)?.follow(plan, nowMs);
    }
    this.programHash = isValid ? program.programHash : null;
    this.link.say('program-state', { v: 1, time: this.now(), programHash: this.programHash }, true);
  }

  private now(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }
}
