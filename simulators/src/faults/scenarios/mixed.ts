import type { SimulatedLamp } from '../../city/city.js';
import { INJECTION_KINDS, type FaultInjection, type FaultTarget, type InjectionKind } from '../fault-injection.js';
import { isDeviceInjection } from '../effects.js';
import { isVisible } from '../ground-truth.js';
import { circuitAddressOf, isItsOwnDevice, lampsOf, lampTarget } from '../reach.js';
import { DAY_MS, HOUR_MS, instantBetween, some, type Scenario, type ScenarioContext } from '../scenario.js';

/** Where there is room for it, a kind is made so often. */
const TIMES = 2;

export const mixed: Scenario = {
  name: 'mixed',
  description: 'every kind of fault within two days, never two on one lamp; small cities have no room for all',
  injections: (context) => {
    const free = new Set(context.city.lamps);
    return largestFirst().flatMap((kind) => {
      const target = freeTarget(kind, free, context);
      if (target === undefined) return [];
      for (const lamp of lampsOf(target, context.city)) free.delete(lamp);
      return [injectionOf(kind, target, context)];
    });
  },
};

/** Each kind, those that take a cabinet before those that take a lamp; then those of devices and lamps once more. */
function largestFirst(): readonly InjectionKind[] {
  const once = INJECTION_KINDS.toSorted((a, b) => rank(a) - rank(b));
  return [...once, ...Array.from({ length: TIMES - 1 }, () => once.filter((kind) => rank(kind) > 1)).flat()];
}

function rank(kind: InjectionKind): number {
  if (kind === 'cabinetOutage' || kind === 'supplyVoltageTooLow') return 0;
  if (kind === 'circuitOutage') return 1;
  return isDeviceInjection(kind) ? 2 : 3;
}

/** What it takes is free altogether. */
function freeTarget(
  kind: InjectionKind,
  free: ReadonlySet<SimulatedLamp>,
  context: ScenarioContext,
): FaultTarget | undefined {
  const { city, random } = context;
  // A gateway takes much of the room.
  const candidates = some(random, [...free], free.size).toSorted(
    (a, b) => Number(isItsOwnDevice(b)) - Number(isItsOwnDevice(a)),
  );
  const isFree = (target: FaultTarget) => lampsOf(target, city).every((lamp) => free.has(lamp));
  const takes = (lamp: SimulatedLamp): FaultTarget | undefined => {
    if (rank(kind) === 0) return { kind: 'cabinet', address: lamp.cabinet };
    if (rank(kind) === 1) return { kind: 'circuit', address: circuitAddressOf(lamp) };
    if (rank(kind) === 2) return { kind: 'device', address: lamp.device };
    return isVisible(kind, lamp) ? lampTarget(lamp) : undefined;
  };
  return candidates.map(takes).find((target) => target !== undefined && isFree(target));
}

/** Faults of lamps last over a night and a day, as most show in one of them only. */
function injectionOf(kind: InjectionKind, target: FaultTarget, context: ScenarioContext): FaultInjection {
  const fromMs = instantBetween(context, HOUR_MS, DAY_MS);
  const hours = rank(kind) < 2 ? context.random.integer(1, 5) : context.random.integer(25, 36);
  const parameters =
    kind === 'lampUnexpectedOn' ? { variant: context.random.pick(['programLost', 'overrideLeftOn'] as const) } : {};
  return { kind, target, fromMs, toMs: fromMs + hours * HOUR_MS, parameters };
}
