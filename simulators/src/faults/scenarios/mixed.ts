import { faultsOfKinds, roomOf } from '../any-fault.js';
import { INJECTION_KINDS, type InjectionKind } from '../fault-injection.js';
import { DAY_MS, HOUR_MS, type Scenario } from '../scenario.js';

/** Where there is room for it, a kind is made so often. */
const TIMES = 2;

export const mixed: Scenario = {
  name: 'mixed',
  description: 'every kind of fault within two days, never two on one lamp; small cities have no room for all',
  injections: (context) => faultsOfKinds(largestFirst(), context, HOUR_MS, DAY_MS),
};

/** Each kind, those that take a cabinet before those that take a lamp; then those of devices and lamps once more. */
function largestFirst(): readonly InjectionKind[] {
  const once = INJECTION_KINDS.toSorted((a, b) => roomOf(a) - roomOf(b));
  return [...once, ...Array.from({ length: TIMES - 1 }, () => once.filter((kind) => roomOf(kind) > 1)).flat()];
}
