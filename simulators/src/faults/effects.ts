/** What an injection does to lamps and devices at an instant at which it is active. Pure. */
import type { City, SimulatedLamp } from '../city/city.js';
import { isInSecondPhase, type Cycle } from '../fleet/cycle.js';
import type { DeviceDefects } from '../fleet/device-defects.js';
import type { LampDefects } from '../fleet/lamp-defects.js';
import {
  DEFAULT_PARAMETERS,
  DEVICE_INJECTIONS,
  FEED_INJECTIONS,
  type DeviceInjection,
  type FaultInjection,
  type FaultParameters,
  type FeedInjection,
  type LampInjection,
} from './fault-injection.js';
import { devicesOf, isItsOwnDevice, lampsOf } from './reach.js';

/** By address. */
export interface Effects {
  readonly lamps: ReadonlyMap<string, LampDefects>;
  readonly devices: ReadonlyMap<string, DeviceDefects>;
}

export function isFeedInjection(kind: FaultInjection['kind']): kind is FeedInjection {
  return (FEED_INJECTIONS as readonly string[]).includes(kind);
}

export function isDeviceInjection(kind: FaultInjection['kind']): kind is DeviceInjection {
  return (DEVICE_INJECTIONS as readonly string[]).includes(kind);
}

/** The parameters with what they leave out. */
export function parametersOf({ kind, parameters }: FaultInjection): FaultParameters {
  return { ...DEFAULT_PARAMETERS[kind], ...parameters };
}

/** The phases of a flapping radio: lost, then heard. Undefined of any other fault. */
export function flappingOf(injection: FaultInjection): Cycle | undefined {
  if (injection.kind !== 'flappingRadio') return undefined;
  const { lostS = 240, heardS = 240 } = parametersOf(injection);
  return { sinceMs: injection.fromMs, firstS: lostS, secondS: heardS };
}

/** Throws RangeError when it has no such target. */
export function effectsOf(injection: FaultInjection, city: City, atMs: number): Effects {
  const { kind } = injection;
  const lamps = lampsOf(injection.target, city);
  if (isFeedInjection(kind)) return outage(injection, lamps, city);
  if (isDeviceInjection(kind)) {
    return { lamps: new Map(), devices: allOf(devicesOf(lamps), deviceDefects(kind, injection, atMs)) };
  }
  if (kind === 'supplyLoss') return fuse(lamps);
  const addresses = lamps.map(({ address }) => address);
  return { lamps: allOf(addresses, lampDefects(kind, injection)), devices: new Map() };
}

function allOf<T>(addresses: readonly string[], defects: T): ReadonlyMap<string, T> {
  return new Map(addresses.map((address) => [address, defects]));
}

/**
 * A controller of one lamp goes with it. A gateway goes with its cabinet, unless that is elsewhere or has other lamps besides; it has the
 * capacitors to say so, without which nobody could tell it from one that is not heard.
 */
function outage(injection: FaultInjection, lamps: readonly SimulatedLamp[], city: City): Effects {
  const { gatewayIsElsewhere = false } = parametersOf(injection);
  const dark = new Set(lamps);
  const isLost = (device: string) =>
    injection.kind === 'cabinetOutage' &&
    !gatewayIsElsewhere &&
    lampsOf({ kind: 'device', address: device }, city).every((lamp) => dark.has(lamp));
  const lost = new Set(devicesOf(lamps).filter(isLost));
  const gateways = new Set(lost);
  for (const lamp of lamps) {
    if (!isItsOwnDevice(lamp)) continue;
    lost.add(lamp.device);
    gateways.delete(lamp.device);
  }
  const silent = lamps.filter(({ device }) => !lost.has(device)).map(({ address }) => address);
  const devices = [...lost].map((device): [string, DeviceDefects] => [
    device,
    { isUnpowered: true, hasLastGasp: gateways.has(device) },
  ]);
  return { lamps: allOf(silent, { isUnsupplied: true }), devices: new Map(devices) };
}

function fuse(lamps: readonly SimulatedLamp[]): Effects {
  const own = lamps.filter(isItsOwnDevice).map(({ device }) => device);
  const events = ['supplyLoss'] as const;
  return {
    lamps: new Map(
      lamps.map((lamp) => [lamp.address, isItsOwnDevice(lamp) ? { events } : { events, isUnsupplied: true }]),
    ),
    devices: allOf(own, { isUnpowered: true, hasLastGasp: true }),
  };
}

function deviceDefects(kind: DeviceInjection, injection: FaultInjection, atMs: number): DeviceDefects {
  const { offsetMs = 0, driftPpm = 0, programHash = '' } = parametersOf(injection);
  switch (kind) {
    case 'communicationFailure':
      return { isOutOfContact: true };
    case 'flappingRadio': {
      const flapping = flappingOf(injection);
      return flapping !== undefined && isInSecondPhase(flapping, atMs) ? {} : { isOutOfContact: true };
    }
    case 'clockDrift':
      return { clock: { offsetMs, driftPpm } };
    case 'programMismatch':
      return { strangeProgramHash: programHash };
  }
}

function lampDefects(kind: Exclude<LampInjection, 'supplyLoss'>, injection: FaultInjection): LampDefects {
  const { factor = 1, offsetV = 0, heatK = 0, levelPercent = 0, ...parameters } = parametersOf(injection);
  switch (kind) {
    case 'lampFailure':
      return { isDead: true };
    case 'lampPowerTooHigh':
    case 'lampPowerTooLow':
      return { litPowerScale: factor };
    case 'lampUnexpectedOn':
      return {
        ownWill: { levelPercent: 100, reason: parameters.variant === 'overrideLeftOn' ? 'override' : 'default' },
      };
    case 'dimmingFailure':
      return { stuckPercent: levelPercent };
    case 'relayFailure':
      return { isStuckOn: true };
    case 'cyclingFailure':
      return {
        cycling: { sinceMs: injection.fromMs, firstS: parameters.litS ?? 180, secondS: parameters.darkS ?? 60 },
      };
    case 'supplyVoltageTooHigh':
    case 'supplyVoltageTooLow':
      return { supplyOffsetV: offsetV };
    case 'currentTooHigh':
    case 'currentTooLow':
      return { reportedCurrentScale: factor };
    case 'powerFactorTooLow':
      return { powerFactorScale: factor };
    case 'highTemperature':
      return { litHeatK: heatK };
    case 'controlGearCommFailure':
    case 'leakageDetected':
      return { events: [kind] };
    case 'wrongPower':
      return { reportedPowerScale: factor };
  }
}
