import type { FaultInjection } from '../fault-injection.js';
import { lampTarget } from '../reach.js';
import { DAY_MS, instantBetween, share, some, type Scenario } from '../scenario.js';

export const dyingDrivers: Scenario = {
  name: 'dying-drivers',
  description: 'drivers give less and less power, and fail for good within days',
  injections: (context) =>
    some(context.random, context.city.lamps, share(context.city.lamps, 0.01)).flatMap((lamp): FaultInjection[] => {
      const target = lampTarget(lamp);
      const [fromMs, deadMs] = [instantBetween(context, 0, DAY_MS), instantBetween(context, 2 * DAY_MS, 4 * DAY_MS)];
      const factor = context.random.integer(40, 60) / 100;
      return [
        { kind: 'lampPowerTooLow', target, fromMs, toMs: deadMs, parameters: { factor } },
        { kind: 'lampFailure', target, fromMs: deadMs, toMs: undefined },
      ];
    }),
};
