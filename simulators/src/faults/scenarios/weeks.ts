import { faultsOfKinds, roomOf } from '../any-fault.js';
import { INJECTION_KINDS } from '../fault-injection.js';
import { DAY_MS, HOUR_MS, share, type Scenario } from '../scenario.js';

const DAYS = 12;
/** Of the lamps of a city, in all of that time: a bad fortnight. */
const FAULTS_SHARE = 0.2;

export const weeks: Scenario = {
  name: 'weeks',
  description: 'faults of any kind, now and then over two weeks, never two on one lamp',
  injections: (context) => {
    const { random, city } = context;
    const kinds = Array.from({ length: share(city.lamps, FAULTS_SHARE) }, () => random.pick(INJECTION_KINDS));
    // What takes a cabinet is given its room first.
    return faultsOfKinds(
      kinds.toSorted((a, b) => roomOf(a) - roomOf(b)),
      context,
      HOUR_MS,
      DAYS * DAY_MS,
    );
  },
};
