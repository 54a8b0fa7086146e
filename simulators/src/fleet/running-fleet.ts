import { setTimeout as delay } from 'node:timers/promises';
import { FaultDriver } from '../faults/fault-driver.js';
import type { FaultInjection } from '../faults/fault-injection.js';
import { begunBy, trueFaultsOf, type TrueFault } from '../faults/ground-truth.js';
import type { Agenda } from './agenda.js';
import type { ClockSetting } from './device-clock.js';
import type {
  DeviceLevels,
  Fleet,
  FleetCounts,
  FleetOptions,
  FleetSnapshot,
  LampTruth,
  OngoingFault,
} from './fleet.js';
import type { ProgramSnapshot } from './program-store.js';
import type { SimulatedDevice } from './simulated-device.js';
import type { LampSnapshot } from './simulated-lamp.js';
import type { Tallies } from './tallies.js';

const TICK_MS = 10;
/** The event loop is let go after this much work. */
const SLICE_MS = 8;
const CONNECTS_PER_TICK = 5;
/**
 * Beyond this the fleet makes no new readings until some are acknowledged; they are then made for the instants they belong to.
 * While most devices are connected, what the others keep does not count: those drop their oldest, and the city goes on.
 */
const MAX_BUFFERED_READINGS = 50_000;

/** Devices on their clock: connects them some at a time, and lets each do what is due. */
export class RunningFleet implements Fleet {
  private reporting = true;
  private toConnect: SimulatedDevice[];
  private hasWarned = false;
  private timer: NodeJS.Timeout;
  private readonly all: readonly SimulatedDevice[];
  private readonly byAddress: ReadonlyMap<string, SimulatedDevice>;
  private readonly faults: FaultDriver;
  private injections: readonly FaultInjection[];

  constructor(
    private readonly options: FleetOptions,
    devices: readonly SimulatedDevice[],
    private readonly agenda: Agenda,
    private readonly tallies: Tallies,
  ) {
    this.byAddress = new Map(devices.map((device) => [device.address, device]));
    this.all = devices;
    this.toConnect = [...devices];
    this.injections = options.faults ?? [];
    this.faults = new FaultDriver({
      injections: this.injections,
      city: options.city,
      devices: this.byAddress,
      startMs: options.clock.nowMs(),
      onReturn: (device) => this.toConnect.push(device),
    });
    this.timer = setTimeout(() => this.tick(), TICK_MS);
  }

  counts(): FleetCounts {
    const sum = (of: (device: SimulatedDevice) => number) => this.all.reduce((total, device) => total + of(device), 0);
    return {
      devices: this.all.length,
      connected: sum(({ link }) => (link.isConnected ? 1 : 0)),
      generated: sum(({ generated }) => generated),
      acknowledged: this.tallies.acknowledged,
      buffered: bufferedBy(this.all),
      dropped: sum(({ link }) => link.dropped),
      lagMs: this.lagMs(),
    };
  }

  truth(): LampTruth[] {
    return this.tallies.truth();
  }

  groundTruth(): readonly TrueFault[] {
    const { city, clock } = this.options;
    // A device that stores no program says nothing of one.
    const isSaid = ({ kind, subject }: TrueFault) =>
      kind !== 'programMismatch' || this.find(subject.address).storesProgram;
    return begunBy(trueFaultsOf(this.injections, city), clock.nowMs()).filter(isSaid);
  }

  /** What goes wrong up to an instant goes wrong now: somebody is about to look at it. */
  breakUntil(ms: number): void {
    if (this.reporting) this.faults.actUntil(ms);
  }

  snapshot(): FleetSnapshot {
    const lamps: Record<string, LampSnapshot> = {};
    const devices: Record<string, ProgramSnapshot> = {};
    for (const device of this.all) {
      Object.assign(lamps, device.lampSnapshots());
      devices[device.address] = device.programSnapshot();
    }
    return { lamps, devices };
  }

  devices(): string[] {
    return [...this.byAddress.keys()];
  }

  levels(): DeviceLevels[] {
    const nowMs = this.options.clock.nowMs();
    this.breakUntil(nowMs);
    return this.all.flatMap((device) =>
      device.levelsAt(nowMs).map((levels) => ({ ...levels, device: device.address })),
    );
  }

  loseContact(device: string): void {
    this.find(device).loseContact();
  }

  regainContact(device: string): void {
    const found = this.find(device);
    found.regainContact();
    this.toConnect.push(found);
  }

  cutPower(device: string): void {
    const nowMs = this.options.clock.nowMs();
    this.breakUntil(nowMs);
    this.find(device).cutPower(nowMs);
  }

  restorePower(device: string): void {
    const found = this.find(device);
    const nowMs = this.options.clock.nowMs();
    this.breakUntil(nowMs);
    found.restorePower(nowMs);
    this.toConnect.push(found);
  }

  setClock(device: string, setting: ClockSetting): void {
    const nowMs = this.options.clock.nowMs();
    this.breakUntil(nowMs);
    this.find(device).setClock(setting, nowMs);
  }

  inject(fault: Omit<FaultInjection, 'fromMs' | 'toMs'>): OngoingFault {
    const { clock } = this.options;
    const injection: FaultInjection = { ...fault, fromMs: clock.nowMs(), toMs: undefined };
    this.faults.begin(injection);
    this.injections = [...this.injections, injection];
    return {
      mend: () => {
        if (!this.injections.includes(injection)) return;
        // At least a moment after it began, however quick somebody is.
        const toMs = Math.max(clock.nowMs(), injection.fromMs + 1);
        this.faults.end(injection, toMs);
        this.injections = this.injections.map((each) => (each === injection ? { ...injection, toMs } : each));
      },
    };
  }

  isConnected(): boolean {
    return this.all.every(({ canConnect, link }) => !canConnect || link.isConnected);
  }

  isCaughtUp(): boolean {
    if (this.toConnect.length > 0 || this.nextMs <= this.options.clock.nowMs()) return false;
    return this.all.every(({ canConnect, link }) => !canConnect || (link.isConnected && link.buffered === 0));
  }

  async drain(timeoutMs: number): Promise<boolean> {
    this.reporting = false;
    for (const device of this.all) device.endReports();
    return this.settled(this.all, timeoutMs);
  }

  async stop(): Promise<void> {
    this.toConnect = [];
    this.reporting = false;
    for (const device of this.all) device.endReports();
    const reachable = this.all.filter(({ canConnect }) => canConnect);
    await this.settled(reachable, 5_000);
    clearTimeout(this.timer);
    await Promise.all(this.all.map(({ link }) => link.stop()));
  }

  private async settled(devices: readonly SimulatedDevice[], timeoutMs: number): Promise<boolean> {
    for (const deadlineMs = performance.now() + timeoutMs; performance.now() < deadlineMs; await delay(20)) {
      if (bufferedBy(devices) === 0) return true;
    }
    return bufferedBy(devices) === 0;
  }

  private find(address: string): SimulatedDevice {
    const device = this.byAddress.get(address);
    if (device === undefined) throw new RangeError(`there is no device ${address}`);
    return device;
  }

  private tick(): void {
    for (const device of this.toConnect.splice(0, CONNECTS_PER_TICK)) device.link.connect();
    const nowMs = this.options.clock.nowMs();
    const startedMs = performance.now();
    let waiting = this.waiting();
    while (this.reporting && waiting < MAX_BUFFERED_READINGS && performance.now() - startedMs < SLICE_MS) {
      if (this.nextMs > nowMs) break;
      if (this.faults.nextMs <= (this.agenda.nextMs ?? Infinity)) this.faults.actNext();
      else waiting += this.agenda.runNext();
    }
    this.warnWhenBehind();
    const isBusy = this.reporting && waiting < MAX_BUFFERED_READINGS && this.nextMs <= nowMs;
    this.timer = setTimeout(() => this.tick(), isBusy ? 0 : TICK_MS);
  }

  private get nextMs(): number {
    return Math.min(this.agenda.nextMs ?? Number.POSITIVE_INFINITY, this.faults.nextMs);
  }

  private lagMs(): number {
    return Math.max(0, this.options.clock.nowMs() - (this.agenda.nextMs ?? Number.POSITIVE_INFINITY));
  }

  private warnWhenBehind(): void {
    const intervalMs = (this.options.reportingIntervalS ?? 300) * 1000;
    const isBehind = this.reporting && this.lagMs() > 3 * intervalMs + 10_000 * this.options.clock.speed;
    if (isBehind && !this.hasWarned) {
      this.options.onProblem?.(
        `readings are ${Math.round(this.lagMs() / 60_000)} simulated minutes behind the clock: the broker or this machine cannot keep up. ` +
          'None is lost; choose a lower speed or fewer lamps',
      );
    }
    this.hasWarned = isBehind;
  }

  /** Readings that hold back new ones. */
  private waiting(): number {
    let connected = 0;
    let ofConnected = 0;
    for (const { link } of this.all) {
      if (!link.isConnected) continue;
      connected += 1;
      ofConnected += link.buffered;
    }
    return 2 * connected > this.all.length ? ofConnected : bufferedBy(this.all);
  }
}

function bufferedBy(devices: readonly SimulatedDevice[]): number {
  let readings = 0;
  for (const { link } of devices) readings += link.buffered;
  return readings;
}
