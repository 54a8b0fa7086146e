import { commandSchema, configSchema, type DownChannel } from '#libs/protocol';
import { CommandExecutor } from './command-executor.js';
import type { ClockSetting, DeviceClock } from './device-clock.js';
import { SOUND_DEVICE, type DeviceDefects } from './device-defects.js';
import { DeviceLink, type LinkOptions } from './device-link.js';
import { DeviceVoice } from './device-voice.js';
import type { ExecutedCommand } from './fleet.js';
import type { LevelPlan } from './level-plan.js';
import type { LampDefects } from './lamp-defects.js';
import type { ProgramSnapshot, ProgramStore } from './program-store.js';
import { ReportQueue } from './report-queue.js';
import type { LampController, LampLevels, LampSnapshot, TrueReading } from './simulated-lamp.js';

/** A fade has ended for certain so long after its end. */
const SETTLED_AFTER_MS = 1000;
/** A controller notices the loss of its supply, and has a reading for it that is none of its regular ones. */
const GASP_AFTER_MS = 1;

export interface DeviceOptions extends Omit<LinkOptions, 'onConnected' | 'onMessage'> {
  readonly clock: DeviceClock;
  readonly lamps: readonly LampController[];
  readonly programs: ProgramStore;
  /** False: the server has to command every change, and program messages are passed over. */
  readonly storesProgram: boolean;
  /** Whether it sets its clock right when it connects. */
  readonly syncsClock: boolean;
  readonly reportingIntervalS: number;
  /** When it reports first. */
  readonly firstReportMs: number;
  /** What it runs when it has forgotten its program. */
  readonly defaultPlan: LevelPlan;
  /** It is about to live through the time up to an instant, without having been told to. */
  readonly onTime?: ((ms: number) => void) | undefined;
  /** It has something to do earlier than it had said. */
  readonly onEarlier?: ((device: SimulatedDevice) => void) | undefined;
  /** Readings that it has made. */
  readonly onMade?: ((readings: readonly TrueReading[]) => void) | undefined;
  /** A command that it carries out; not its repetitions. */
  readonly onExecuted?: ((command: ExecutedCommand) => void) | undefined;
}

/**
 * A controller or a gateway: speaks for its lamps, dims them on its own by its own clock, and obeys command, program and config.
 * What it does with the arguments named `...Ms` is at true instants, what it says is by its own clock.
 */
export class SimulatedDevice {
  readonly link: DeviceLink;
  private readonly voice: DeviceVoice;
  private reportingIntervalS: number;
  private dueMs: number;
  private runOutMs = Number.POSITIVE_INFINITY;
  private prompts = new ReportQueue<readonly LampController[]>();
  private made = 0;
  private reporting = true;
  private isPowered = true;
  private hasContact = true;
  private hasReset = false;
  private defects = SOUND_DEVICE;
  private readonly lampDefects = new Map<string, LampDefects>();
  private readonly lamps: ReadonlyMap<string, LampController>;
  private readonly commands: CommandExecutor;
  private readonly clock: DeviceClock;
  private readonly programs: ProgramStore;
  private readonly soundDriftPpm: number;

  constructor(private readonly options: DeviceOptions) {
    this.lamps = new Map(options.lamps.map((lamp) => [lamp.lamp.address, lamp]));
    this.commands = new CommandExecutor(this.lamps);
    this.clock = options.clock;
    this.programs = options.programs;
    this.soundDriftPpm = options.clock.driftPpm;
    this.reportingIntervalS = options.reportingIntervalS;
    this.dueMs = options.firstReportMs;
    this.planRunOut();
    this.link = new DeviceLink({
      ...options,
      onConnected: () => this.connected(),
      onMessage: (channel, payload) => this.receive(channel, payload),
    });
    this.voice = new DeviceVoice(this.link, this.clock);
  }

  get address(): string {
    return this.options.device;
  }

  /** Whether there is power and a network. */
  get canConnect(): boolean {
    return this.isPowered && this.hasContact;
  }

  /** When it has to do something by itself; Infinity: never. */
  get nextActionMs(): number {
    if (!this.isPowered || !this.reporting) return Number.POSITIVE_INFINITY;
    return Math.min(this.dueMs, this.prompts.nextMs ?? Number.POSITIVE_INFINITY, this.runOutMs);
  }

  get storesProgram(): boolean {
    return this.options.storesProgram;
  }

  /** Readings made so far. */
  get generated(): number {
    return this.made;
  }

  /** Does all that is due up to an instant, each at its own. */
  actUntil(ms: number): void {
    for (let atMs = this.nextActionMs; atMs <= ms; atMs = this.nextActionMs) this.act(atMs);
  }

  /** Makes no more readings. */
  endReports(): void {
    this.reporting = false;
  }

  /** The network is gone: it goes on dimming and keeps its readings. */
  loseContact(): void {
    this.hasContact = false;
    this.link.hold();
  }

  regainContact(): void {
    this.hasContact = true;
    if (this.canConnect) this.link.release();
  }

  /**
   * Everything in volatile memory is lost: overrides, commands it knew, readings not delivered. With a last gasp the lamp of a controller
   * still reports what happens to it, and a gateway, whose lamps cannot any more, says that it has lost its supply.
   */
  cutPower(nowMs: number, hasLastGasp = false): void {
    if (!this.isPowered) return;
    this.actUntil(nowMs);
    this.isPowered = false;
    for (const lamp of this.lamps.values()) lamp.cutSupply(nowMs);
    this.commands.forget();
    this.prompts = new ReportQueue();
    if (hasLastGasp && this.lamps.size > 1) this.link.gasp([], this.voice.eventNow('supplyLoss', true));
    else this.link.gasp(hasLastGasp ? this.readingsOf(this.lamps.values(), nowMs + GASP_AFTER_MS) : []);
  }

  /** Boots, and goes on with its stored program. */
  restorePower(nowMs: number): void {
    if (this.isPowered) return;
    this.isPowered = true;
    this.hasReset = true;
    for (const lamp of this.lamps.values()) lamp.restoreSupply(nowMs);
    const intervalMs = this.reportingIntervalS * 1000;
    if (this.dueMs <= nowMs) this.dueMs += (Math.floor((nowMs - this.dueMs) / intervalMs) + 1) * intervalMs;
    if (this.canConnect) this.link.release();
    this.options.onEarlier?.(this);
  }

  setClock(setting: ClockSetting, nowMs: number): void {
    this.actUntil(nowMs);
    for (const lamp of this.lamps.values()) lamp.advanceTo(nowMs);
    const hash = this.programs.hashAt(this.clock.at(nowMs));
    this.clock.set(setting, nowMs);
    for (const lamp of this.lamps.values()) lamp.clockSet(nowMs);
    this.planRunOut();
    if (this.programs.hashAt(this.clock.at(nowMs)) !== hash) this.sayProgramState();
    this.options.onEarlier?.(this);
  }

  /** All that is wrong with it from an instant on. */
  setDefects(defects: DeviceDefects, atMs: number): void {
    const before = this.defects;
    this.actUntil(atMs);
    this.defects = defects;
    if (defects.strangeProgramHash !== before.strangeProgramHash) this.runPrograms(atMs);
    if (defects.clock !== before.clock) {
      this.setClock(defects.clock ?? { offsetMs: 0, driftPpm: this.soundDriftPpm }, atMs);
    }
    if (defects.isUnpowered !== before.isUnpowered) {
      if (defects.isUnpowered === true) this.cutPower(atMs, defects.hasLastGasp);
      else this.restorePower(atMs);
    }
    if (defects.isOutOfContact !== before.isOutOfContact) {
      if (defects.isOutOfContact === true) this.loseContact();
      else this.regainContact();
    }
    if (defects.strangeProgramHash !== before.strangeProgramHash) this.sayProgramState();
  }

  /** All that is wrong with a lamp of it from an instant on. What its controller detects, and the end of that, it says at once. */
  setLampDefects(address: string, defects: LampDefects, atMs: number): void {
    const lamp = this.lamps.get(address);
    if (lamp === undefined) throw new RangeError(`${address} is not a lamp of ${this.address}`);
    this.actUntil(atMs);
    const wasSupplied = lamp.isSupplied;
    lamp.setDefects(defects, atMs);
    const [before = [], now = []] = [this.lampDefects.get(address)?.events, defects.events];
    this.lampDefects.set(address, defects);
    // With its last power a lamp gets one reading out.
    if (this.isPowered && wasSupplied && !lamp.isSupplied && now.includes('supplyLoss'))
      this.send([lamp], atMs + GASP_AFTER_MS);
    for (const event of now) if (!before.includes(event)) this.voice.lampEvent(address, event, true, atMs);
    for (const event of before) if (!now.includes(event)) this.voice.lampEvent(address, event, false, atMs);
  }

  /** What its lamps are at, at an instant. */
  levelsAt(ms: number): ({ readonly lamp: string } & LampLevels)[] {
    return [...this.lamps].map(([lamp, controller]) => ({ lamp, ...controller.levelsAt(ms) }));
  }

  lampSnapshots(): Record<string, LampSnapshot> {
    return Object.fromEntries([...this.lamps].map(([address, lamp]) => [address, lamp.snapshot()]));
  }

  programSnapshot(): ProgramSnapshot {
    return this.programs.snapshot();
  }

  private act(atMs: number): void {
    if (this.dueMs <= atMs) {
      this.report(this.dueMs);
      this.dueMs += this.reportingIntervalS * 1000;
    } else if ((this.prompts.nextMs ?? Number.POSITIVE_INFINITY) <= atMs) {
      this.send(
        this.prompts.pop().filter(({ isSupplied }) => isSupplied),
        atMs,
      );
    } else {
      this.runOutMs = Number.POSITIVE_INFINITY;
      this.sayProgramState();
    }
  }

  /** Of a lamp without supply a gateway hears nothing. */
  private report(atMs: number): void {
    const supplied: LampController[] = [];
    for (const lamp of this.lamps.values()) if (lamp.isSupplied) supplied.push(lamp);
    this.send(supplied, atMs);
  }

  private send(lamps: Iterable<LampController>, atMs: number): void {
    this.link.send(this.readingsOf(lamps, atMs));
  }

  private readingsOf(lamps: Iterable<LampController>, atMs: number): TrueReading[] {
    const readings: TrueReading[] = [];
    // A lamp has one reading per instant.
    for (const lamp of lamps) if (lamp.lastReadMs !== atMs) readings.push(lamp.readingAt(atMs));
    this.made += readings.length;
    this.options.onMade?.(readings);
    return readings;
  }

  private connected(): void {
    const { syncsClock, storesProgram } = this.options;
    const nowMs = this.clock.trueNowMs();
    this.options.onTime?.(nowMs);
    if (syncsClock && this.defects.clock === undefined && this.clock.at(nowMs) !== nowMs) {
      this.setClock({ offsetMs: 0, driftPpm: this.clock.driftPpm }, nowMs);
    }
    const model = this.lamps.size > 1 ? 'Felinar simulated gateway' : 'Felinar simulated controller';
    this.voice.status({ model, reportingIntervalS: this.reportingIntervalS, storesProgram });
    if (this.hasReset) this.voice.event('deviceReset', true, 'the supply has returned');
    this.hasReset = false;
    this.sayProgramState();
  }

  /** What cannot be read is no reason to fall over; only of a program the server is told. */
  private receive(channel: DownChannel, payload: Buffer): void {
    this.options.onTime?.(this.clock.trueNowMs());
    const message = parsed(payload);
    if (channel === 'program') return this.store(payload, message);
    if (channel === 'command') return this.obey(message);
    const config = configSchema.safeParse(message);
    if (config.success) this.reportingIntervalS = config.data.reportingIntervalS ?? this.reportingIntervalS;
  }

  private obey(message: unknown): void {
    const command = commandSchema.safeParse(message);
    if (!command.success) return;
    const nowMs = this.clock.trueNowMs();
    // Time does not run backwards in a lamp: reports from before the command are made before it.
    this.actUntil(nowMs);
    const { commandId, fadeS = 0, expiresAt } = command.data;
    const deviceMs = this.clock.at(nowMs);
    const { result, reason, lamps } = this.commands.obey(command.data, nowMs, deviceMs);
    this.voice.ack(commandId, result, reason);
    if (lamps.length === 0) return;
    const { device } = this.options;
    this.options.onExecuted?.({ device, commandId, atMs: nowMs, deviceMs, expiresAtMs: Date.parse(expiresAt) });
    // The server confirms by a reading, also where a command changes nothing.
    this.prompts.push(nowMs + Math.ceil(fadeS * 1000) + SETTLED_AFTER_MS, lamps);
    this.options.onEarlier?.(this);
  }

  private store(payload: Buffer, message: unknown): void {
    // An empty payload only clears what the broker retains.
    if (!this.options.storesProgram || payload.length === 0) return;
    const nowMs = this.clock.trueNowMs();
    this.actUntil(nowMs);
    const wasRefusing = this.programs.isRefusing;
    const outcome = this.programs.offer(message, this.clock.at(nowMs));
    if (outcome.kind === 'refused') return this.voice.event('invalidProgram', true, outcome.reason);
    if (wasRefusing) this.voice.event('invalidProgram', false);
    if (outcome.kind === 'stored') this.runPrograms(nowMs);
    this.sayProgramState();
  }

  private runPrograms(nowMs: number): void {
    for (const [address, lamp] of this.lamps) lamp.follow(this.planOf(address), nowMs);
    this.planRunOut();
    this.options.onEarlier?.(this);
  }

  private planOf(lamp: string): LevelPlan {
    return this.defects.strangeProgramHash === undefined ? this.programs.planOf(lamp) : this.options.defaultPlan;
  }

  private planRunOut(): void {
    const { runsOutAtMs } = this.programs;
    const isOver = runsOutAtMs === undefined || runsOutAtMs <= this.clock.nowMs();
    this.runOutMs = isOver ? Number.POSITIVE_INFINITY : this.clock.trueMsOf(runsOutAtMs);
  }

  private sayProgramState(): void {
    if (!this.options.storesProgram) return;
    this.voice.programState(this.defects.strangeProgramHash ?? this.programs.hashAt(this.clock.nowMs()));
  }
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
