import type { City, SimulatedLamp } from '../city/city.js';
import { isDeviceInjection, isFeedInjection, parametersOf } from './effects.js';
import type { FaultInjection, FaultTarget, InjectionKind } from './fault-injection.js';
import { devicesOf, lampsOf, lampTarget } from './reach.js';

/** A fault as a server should find it. */
export interface TrueFault {
  /** As the server should call it. */
  readonly kind: TrueFaultKind;
  readonly subject: FaultTarget;
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly toMs: number | undefined;
  /** Addresses of the lamps concerned. */
  readonly lamps: readonly string[];
  /** What was made to go wrong. */
  readonly injected: InjectionKind;
}

/** All but what a server has to call by another name. */
export type TrueFaultKind = Exclude<InjectionKind, 'wrongPower' | 'flappingRadio'>;

/** What a reading has to carry for a fault to be seen in it; poorer controllers leave it out. */
const NEEDED: Readonly<Partial<Record<InjectionKind, readonly string[]>>> = {
  currentTooHigh: ['supplyCurrentA', 'powerFactor'],
  currentTooLow: ['supplyCurrentA', 'powerFactor'],
  powerFactorTooLow: ['powerFactor'],
  highTemperature: ['temperatureC'],
  cyclingFailure: ['switchOnCount'],
};

/** Whether a fault of a lamp shows in what its controller sends. */
export function isVisible(kind: InjectionKind, { omits }: SimulatedLamp): boolean {
  return !(NEEDED[kind] ?? []).some((property) => omits.includes(property));
}

/** What a server should find of injections, in their order; each fault that can be seen, once. */
export function trueFaultsOf(injections: readonly FaultInjection[], city: City): readonly TrueFault[] {
  return injections.flatMap((injection) => {
    const { kind: injected, fromMs, toMs } = injection;
    const kind = serversName(injection);
    return subjectsOf(injection, city).map(({ subject, lamps }) => ({
      kind,
      subject,
      fromMs,
      toMs,
      lamps: lamps.map(({ address }) => address),
      injected,
    }));
  });
}

/** Those that have begun by an instant, without an end that is still to come. */
export function begunBy(faults: readonly TrueFault[], ms: number): readonly TrueFault[] {
  return faults
    .filter(({ fromMs }) => fromMs <= ms)
    .map((fault) => ({ ...fault, toMs: fault.toMs !== undefined && fault.toMs <= ms ? fault.toMs : undefined }));
}

function serversName(injection: FaultInjection): TrueFaultKind {
  switch (injection.kind) {
    case 'flappingRadio':
      return 'communicationFailure';
    case 'wrongPower':
      return (parametersOf(injection).factor ?? 1) > 1 ? 'lampPowerTooHigh' : 'lampPowerTooLow';
    default:
      return injection.kind;
  }
}

/** A feeder's voltage is one fault of the feeder; what breaks in lamps or devices is one of each. */
function subjectsOf(
  { kind, target }: FaultInjection,
  city: City,
): { subject: FaultTarget; lamps: readonly SimulatedLamp[] }[] {
  const lamps = lampsOf(target, city);
  const isVoltage = kind === 'supplyVoltageTooHigh' || kind === 'supplyVoltageTooLow';
  if (isFeedInjection(kind) || (isVoltage && target.kind !== 'device')) return [{ subject: target, lamps }];
  if (isDeviceInjection(kind)) {
    return devicesOf(lamps).map((address) => {
      const subject = { kind: 'device', address } as const;
      return { subject, lamps: lampsOf(subject, city) };
    });
  }
  return lamps.filter((lamp) => isVisible(kind, lamp)).map((lamp) => ({ subject: lampTarget(lamp), lamps: [lamp] }));
}
