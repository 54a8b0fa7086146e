import type { FaultInjection } from '../fault-injection.js';
import { lampTarget } from '../reach.js';
import { HOUR_MS, instantBetween, MINUTE_MS, share, some, type Scenario, type ScenarioContext } from '../scenario.js';

/** It rages in the second hour. */
function inTheStorm(context: ScenarioContext): number {
  return instantBetween(context, HOUR_MS, 2 * HOUR_MS);
}

function trip(address: string, context: ScenarioContext): FaultInjection {
  const fromMs = inTheStorm(context);
  const toMs = fromMs + context.random.integer(60, 300) * MINUTE_MS;
  return { kind: 'cabinetOutage', target: { kind: 'cabinet', address }, fromMs, toMs };
}

function surge(address: string, context: ScenarioContext): FaultInjection {
  const fromMs = inTheStorm(context);
  const toMs = fromMs + context.random.integer(20, 90) * MINUTE_MS;
  return { kind: 'supplyVoltageTooHigh', target: { kind: 'cabinet', address }, fromMs, toMs };
}

export const lightningStorm: Scenario = {
  name: 'lightning-storm',
  description: 'within an hour cabinets trip, drivers die and voltages soar',
  injections: (context) => {
    const { city, random } = context;
    const struck = some(random, city.cabinets, 2 * share(city.cabinets, 0.15)).map(({ address }) => address);
    const tripped = struck.slice(0, Math.ceil(struck.length / 2));
    const standing = city.lamps.filter(({ cabinet }) => !struck.includes(cabinet));
    return [
      ...tripped.map((address) => trip(address, context)),
      ...struck.slice(tripped.length).map((address) => surge(address, context)),
      ...some(random, standing, share(city.lamps, 0.02)).map((lamp): FaultInjection => {
        return { kind: 'lampFailure', target: lampTarget(lamp), fromMs: inTheStorm(context), toMs: undefined };
      }),
    ];
  },
};
