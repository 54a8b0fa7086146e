import { lampTarget } from '../reach.js';
import { DAY_MS, HOUR_MS, instantBetween, share, some, type Scenario } from '../scenario.js';

export const stuckRelays: Scenario = {
  name: 'stuck-relays',
  description: 'some lamps cannot be switched off, for two days',
  injections: (context) =>
    some(context.random, context.city.lamps, share(context.city.lamps, 0.01)).map((lamp) => {
      const fromMs = instantBetween(context, 0, 6 * HOUR_MS);
      return { kind: 'relayFailure', target: lampTarget(lamp), fromMs, toMs: fromMs + 2 * DAY_MS };
    }),
};
