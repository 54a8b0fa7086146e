import type { City } from '../city/city.js';
import { nextTurnMs } from '../fleet/cycle.js';
import { togetherOnDevice, type DeviceDefects } from '../fleet/device-defects.js';
import { togetherOnLamp, type LampDefects } from '../fleet/lamp-defects.js';
import { ReportQueue } from '../fleet/report-queue.js';
import type { SimulatedDevice } from '../fleet/simulated-device.js';
import { effectsOf, flappingOf } from './effects.js';
import type { FaultInjection } from './fault-injection.js';

export interface FaultDriverOptions {
  readonly injections: readonly FaultInjection[];
  readonly city: City;
  readonly devices: ReadonlyMap<string, SimulatedDevice>;
  readonly startMs: number;
  /** A device can connect again. */
  readonly onReturn: (device: SimulatedDevice) => void;
}

/** What is wrong with one lamp or device, by the injection that makes it so. */
type Wrongs<T> = Map<string, Map<FaultInjection, T>>;

/** Makes things go wrong, and right again, at their instants. What is due at the very instant is still done before. */
export class FaultDriver {
  private readonly moments = new ReportQueue<FaultInjection>();
  private readonly lampWrongs: Wrongs<LampDefects> = new Map();
  private readonly deviceWrongs: Wrongs<DeviceDefects> = new Map();
  private readonly deviceOf: ReadonlyMap<string, string>;
  /** Ended by somebody before their time. */
  private readonly mended = new Set<FaultInjection>();

  /** Throws RangeError when an injection cannot be. */
  constructor(private readonly options: FaultDriverOptions) {
    const { injections, city, startMs } = options;
    this.deviceOf = new Map(city.lamps.map(({ address, device }) => [address, device]));
    for (const injection of injections) {
      checkInjection(injection, city);
      if (endOf(injection) > startMs) this.moments.push(Math.max(injection.fromMs, startMs), injection);
    }
  }

  /** One more that begins at its instant, which is now. Throws RangeError when it cannot be. */
  begin(injection: FaultInjection): void {
    checkInjection(injection, this.options.city);
    this.moments.push(injection.fromMs, injection);
    this.actUntil(injection.fromMs);
  }

  /** Somebody puts it right now. */
  end(injection: FaultInjection, atMs: number): void {
    this.actUntil(atMs);
    this.mended.add(injection);
    this.apply(injection, true, atMs);
  }

  /** When something goes wrong or right next; Infinity: never. */
  get nextMs(): number {
    return this.moments.nextMs ?? Number.POSITIVE_INFINITY;
  }

  /** Does all that is due up to an instant, each at its own. */
  actUntil(ms: number): void {
    while (this.nextMs <= ms) this.actNext();
  }

  /** Does what is due next. */
  actNext(): void {
    const atMs = this.nextMs;
    const injection = this.moments.pop();
    if (this.mended.has(injection)) return;
    const hasEnded = endOf(injection) <= atMs;
    this.apply(injection, hasEnded, atMs);
    const flapping = flappingOf(injection);
    const nextMs = Math.min(endOf(injection), flapping === undefined ? Infinity : nextTurnMs(flapping, atMs));
    if (!hasEnded && Number.isFinite(nextMs)) this.moments.push(nextMs, injection);
  }

  /** Lamps first: a controller that loses its supply has to know why. */
  private apply(injection: FaultInjection, hasEnded: boolean, atMs: number): void {
    const { lamps, devices } = effectsOf(injection, this.options.city, atMs);
    for (const [address, defects] of lamps) {
      const all = noted(this.lampWrongs, address, injection, hasEnded ? undefined : defects);
      this.find(this.deviceOf.get(address) ?? '').setLampDefects(address, togetherOnLamp(all), atMs);
    }
    for (const [address, defects] of devices) {
      const device = this.find(address);
      const couldConnect = device.canConnect;
      const all = noted(this.deviceWrongs, address, injection, hasEnded ? undefined : defects);
      device.setDefects(togetherOnDevice(all), atMs);
      if (!couldConnect && device.canConnect) this.options.onReturn(device);
    }
  }

  private find(address: string): SimulatedDevice {
    const device = this.options.devices.get(address);
    if (device === undefined) throw new RangeError(`there is no device ${address}`);
    return device;
  }
}

function endOf({ toMs }: FaultInjection): number {
  return toMs ?? Number.POSITIVE_INFINITY;
}

/** Throws RangeError when there is no such target, it ends before it begins, or it is the outage of something else. */
function checkInjection(injection: FaultInjection, city: City): void {
  const { kind, target, fromMs } = injection;
  if (!Number.isFinite(fromMs) || !(endOf(injection) > fromMs)) throw new RangeError(`${kind} ends before it begins`);
  if ((kind === 'cabinetOutage' || kind === 'circuitOutage') && !kind.startsWith(target.kind)) {
    throw new RangeError(`a ${target.kind} has no ${kind}`);
  }
  effectsOf(injection, city, fromMs);
}

/** All that is wrong with something, now that an injection does this to it, or no more. */
function noted<T>(wrongs: Wrongs<T>, address: string, injection: FaultInjection, defects: T | undefined): T[] {
  const own = wrongs.get(address) ?? new Map<FaultInjection, T>();
  wrongs.set(address, own);
  if (defects === undefined) own.delete(injection);
  else own.set(injection, defects);
  return [...own.values()];
}
