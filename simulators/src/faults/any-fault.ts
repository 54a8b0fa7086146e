/** Any kind of fault, on what no other fault has been given yet. */
import type { SimulatedLamp } from '../city/city.js';
import { isDeviceInjection } from './effects.js';
import type { FaultInjection, FaultTarget, InjectionKind } from './fault-injection.js';
import { isVisible } from './ground-truth.js';
import { circuitAddressOf, isItsOwnDevice, lampsOf, lampTarget } from './reach.js';
import { HOUR_MS, instantBetween, some, type ScenarioContext } from './scenario.js';

/** How much a kind takes: 0 a cabinet, 1 a circuit, 2 a device, 3 a lamp. */
export function roomOf(kind: InjectionKind): 0 | 1 | 2 | 3 {
  if (kind === 'cabinetOutage' || kind === 'supplyVoltageTooLow') return 0;
  if (kind === 'circuitOutage') return 1;
  return isDeviceInjection(kind) ? 2 : 3;
}

/**
 * A fault of each kind in turn, each with lamps of its own, begun between two times after the start; a kind for which there is no room is
 * left away. Faults of lamps last over a night and a day, as most show in one of them only; outages last some hours.
 */
export function faultsOfKinds(
  kinds: readonly InjectionKind[],
  context: ScenarioContext,
  fromMs: number,
  toMs: number,
): readonly FaultInjection[] {
  const free = new Set(context.city.lamps);
  return kinds.flatMap((kind) => {
    const target = freeTarget(kind, free, context);
    if (target === undefined) return [];
    for (const lamp of lampsOf(target, context.city)) free.delete(lamp);
    const beginsMs = instantBetween(context, fromMs, toMs);
    const hours = roomOf(kind) < 2 ? context.random.integer(1, 5) : context.random.integer(25, 36);
    const parameters =
      kind === 'lampUnexpectedOn' ? { variant: context.random.pick(['programLost', 'overrideLeftOn'] as const) } : {};
    return [{ kind, target, fromMs: beginsMs, toMs: beginsMs + hours * HOUR_MS, parameters }];
  });
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
    switch (roomOf(kind)) {
      case 0:
        return { kind: 'cabinet', address: lamp.cabinet };
      case 1:
        return { kind: 'circuit', address: circuitAddressOf(lamp) };
      case 2:
        return { kind: 'device', address: lamp.device };
      case 3:
        return isVisible(kind, lamp) ? lampTarget(lamp) : undefined;
    }
  };
  return candidates.map(takes).find((target) => target !== undefined && isFree(target));
}
