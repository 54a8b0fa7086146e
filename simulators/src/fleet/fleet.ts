import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#libs/kernel';
import type { City, SimulatedLampType } from '../city/city.js';
import { hash } from '../random.js';
import { astronomicalPlan } from './level-plan.js';
import { ReportQueue } from './report-queue.js';
import { SimulatedDevice } from './simulated-device.js';
import { LampController, type LampSnapshot, type TrueReading } from './simulated-lamp.js';

export interface FleetOptions {
  readonly city: City;
  readonly brokerUrl: string;
  readonly clock: Clock;
  /** How often a device reports, simulated seconds. */
  readonly reportingIntervalS?: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Goes on from where an earlier fleet of the same city was. */
  readonly resume?: FleetSnapshot;
  /** Something a person should know, such as that the simulator cannot keep up. */
  readonly onProblem?: (message: string) => void;
}

/** The lamps' states by address; JSON. */
export interface FleetSnapshot {
  readonly lamps: Readonly<Record<string, LampSnapshot>>;
}

export interface FleetCounts {
  readonly devices: number;
  readonly connected: number;
  readonly generated: number;
  readonly acknowledged: number;
  readonly buffered: number;
  readonly dropped: number;
  /** How far the readings are behind the clock, simulated ms. */
  readonly lagMs: number;
}

/** What a lamp has really done, between its first and its last acknowledged reading. */
export interface LampTruth {
  readonly lamp: string;
  readonly acknowledged: number;
  readonly first: { readonly timeMs: number; readonly registerWh: number | undefined } | undefined;
  readonly last: { readonly timeMs: number; readonly registerWh: number | undefined } | undefined;
  /** The exact integral of its power, not rounded. */
  readonly trueEnergyWh: number;
}

export interface Fleet {
  counts(): FleetCounts;
  truth(): LampTruth[];
  snapshot(): FleetSnapshot;
  /** Makes no more readings and waits until every one made is acknowledged; false when that takes too long. */
  drain(timeoutMs: number): Promise<boolean>;
  /** Leaves in order: waits a moment for acknowledgements, says offline, disconnects. */
  stop(): Promise<void>;
}

const TICK_MS = 10;
/** The event loop is let go after this much work. */
const SLICE_MS = 8;
const CONNECTS_PER_TICK = 5;
const MAX_BUFFERED_READINGS_PER_LAMP = 500;
/**
 * Beyond this the fleet makes no new readings until some are acknowledged; they are then made for the instants they belong to.
 * While most devices are connected, what the others keep does not count: those drop their oldest, and the city goes on.
 */
const MAX_BUFFERED_READINGS = 50_000;

interface Tally {
  acknowledged: number;
  first: TrueReading | undefined;
  last: TrueReading | undefined;
}

/** Sets a city going. Resolves at once; devices connect some at a time. */
export function startFleet(options: FleetOptions): Promise<Fleet> {
  const { city, clock, reportingIntervalS = 300 } = options;
  const startMs = clock.nowMs();
  const { latitude, longitude, timeZone } = city.site;
  const plan = astronomicalPlan({ latitude, longitude, timeZone });
  const types = new Map(city.lampTypes.map((type) => [type.code, type]));
  const lamps = city.lamps.map((lamp) => {
    const type = types.get(lamp.lampType) as SimulatedLampType;
    return new LampController(lamp, type, city.site, plan, startMs, options.resume?.lamps[lamp.address]);
  });
  const tallies = new Map<string, Tally>(
    lamps.map(({ lamp }) => [lamp.address, { acknowledged: 0, first: undefined, last: undefined }]),
  );
  const saidProblems = new Set<string>();
  const connectionProblem = (message: string) => {
    if (saidProblems.has(message)) return;
    saidProblems.add(message);
    options.onProblem?.(`a device cannot connect and goes on trying: ${message}`);
  };
  const devices = [...Map.groupBy(lamps, ({ lamp }) => lamp.device)].map(
    ([device, own], index) =>
      new SimulatedDevice({
        brokerUrl: options.brokerUrl,
        username: options.username,
        password: options.password,
        site: city.site.address,
        device,
        clock,
        maxBufferedReadings: MAX_BUFFERED_READINGS_PER_LAMP * own.length,
        lamps: own,
        reportingIntervalS,
        defaultPlan: plan,
        firstReportMs: startMs + (hash(`${city.seed} ${index}`) % (reportingIntervalS * 1000)),
        onConnectionError: connectionProblem,
        onAcknowledged: (readings) => count(tallies, readings),
      }),
  );
  const queue = new ReportQueue<SimulatedDevice>();
  for (const device of devices) queue.push(device.nextReportMs, device);
  return Promise.resolve(new RunningFleet(options, devices, lamps, queue, tallies));
}

class RunningFleet implements Fleet {
  private reporting = true;
  private toConnect: SimulatedDevice[];
  private hasWarned = false;
  private timer: NodeJS.Timeout;

  constructor(
    private readonly options: FleetOptions,
    private readonly devices: readonly SimulatedDevice[],
    private readonly lamps: readonly LampController[],
    private readonly queue: ReportQueue<SimulatedDevice>,
    private readonly tallies: ReadonlyMap<string, Tally>,
  ) {
    this.toConnect = [...devices];
    this.timer = setTimeout(() => this.tick(), TICK_MS);
  }

  counts(): FleetCounts {
    const sum = (of: (device: SimulatedDevice) => number) =>
      this.devices.reduce((total, device) => total + of(device), 0);
    return {
      devices: this.devices.length,
      connected: sum(({ link }) => (link.isConnected ? 1 : 0)),
      generated: sum(({ generated }) => generated),
      acknowledged: [...this.tallies.values()].reduce((total, { acknowledged }) => total + acknowledged, 0),
      buffered: this.buffered(),
      dropped: sum(({ link }) => link.dropped),
      lagMs: this.lagMs(),
    };
  }

  truth(): LampTruth[] {
    return [...this.tallies].map(([lamp, { acknowledged, first, last }]) => ({
      lamp,
      acknowledged,
      first: first && { timeMs: first.timeMs, registerWh: first.reading.activeEnergyWh },
      last: last && { timeMs: last.timeMs, registerWh: last.reading.activeEnergyWh },
      trueEnergyWh: first === undefined || last === undefined ? 0 : last.trueEnergyWh - first.trueEnergyWh,
    }));
  }

  snapshot(): FleetSnapshot {
    return { lamps: Object.fromEntries(this.lamps.map((lamp) => [lamp.lamp.address, lamp.snapshot()])) };
  }

  async drain(timeoutMs: number): Promise<boolean> {
    this.reporting = false;
    for (const device of this.devices) device.endReports();
    for (const deadlineMs = performance.now() + timeoutMs; performance.now() < deadlineMs; await delay(20)) {
      if (this.buffered() === 0) return true;
    }
    return this.buffered() === 0;
  }

  async stop(): Promise<void> {
    this.toConnect = [];
    await this.drain(5_000);
    clearTimeout(this.timer);
    await Promise.all(this.devices.map(({ link }) => link.stop()));
  }

  private tick(): void {
    for (const device of this.toConnect.splice(0, CONNECTS_PER_TICK)) device.link.connect();
    const nowMs = this.options.clock.nowMs();
    const startedMs = performance.now();
    let waiting = this.waiting();
    while (this.reporting && waiting < MAX_BUFFERED_READINGS && performance.now() - startedMs < SLICE_MS) {
      const atMs = this.queue.nextMs;
      if (atMs === undefined || atMs > nowMs) break;
      const device = this.queue.pop();
      const before = device.generated;
      device.reportUntil(atMs);
      waiting += device.generated - before;
      this.queue.push(device.nextReportMs, device);
    }
    this.warnWhenBehind();
    const isBusy = this.reporting && waiting < MAX_BUFFERED_READINGS && (this.queue.nextMs ?? Infinity) <= nowMs;
    this.timer = setTimeout(() => this.tick(), isBusy ? 0 : TICK_MS);
  }

  private lagMs(): number {
    return Math.max(0, this.options.clock.nowMs() - (this.queue.nextMs ?? Number.POSITIVE_INFINITY));
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
    for (const { link } of this.devices) {
      if (!link.isConnected) continue;
      connected += 1;
      ofConnected += link.buffered;
    }
    return 2 * connected > this.devices.length ? ofConnected : this.buffered();
  }

  private buffered(): number {
    let readings = 0;
    for (const { link } of this.devices) readings += link.buffered;
    return readings;
  }
}

function count(tallies: ReadonlyMap<string, Tally>, readings: readonly TrueReading[]): void {
  for (const each of readings) {
    const tally = tallies.get(each.reading.lamp);
    if (tally === undefined) continue;
    tally.acknowledged += 1;
    if (tally.first === undefined || each.timeMs < tally.first.timeMs) tally.first = each;
    if (tally.last === undefined || each.timeMs > tally.last.timeMs) tally.last = each;
  }
}
