import type { City } from '../city/city.js';
import { createRandom } from '../random.js';
import type { FaultInjection } from './fault-injection.js';
import type { Scenario } from './scenario.js';
import { clean } from './scenarios/clean.js';
import { clockDrift } from './scenarios/clock-drift.js';
import { dyingDrivers } from './scenarios/dying-drivers.js';
import { flappingRadio } from './scenarios/flapping-radio.js';
import { gatewayLoss } from './scenarios/gateway-loss.js';
import { lightningStorm } from './scenarios/lightning-storm.js';
import { lostCabinet } from './scenarios/lost-cabinet.js';
import { mainsSag } from './scenarios/mains-sag.js';
import { mixed } from './scenarios/mixed.js';
import { stuckRelays } from './scenarios/stuck-relays.js';
import { weeks } from './scenarios/weeks.js';
import { wrongPowerFirmware } from './scenarios/wrong-power-firmware.js';

const ALL: readonly Scenario[] = [
  clean,
  lostCabinet,
  lightningStorm,
  dyingDrivers,
  stuckRelays,
  gatewayLoss,
  clockDrift,
  mainsSag,
  flappingRadio,
  wrongPowerFirmware,
  mixed,
  weeks,
];

/** By name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(ALL.map((scenario) => [scenario.name, scenario]));

/** What goes wrong in a city in a scenario that begins at an instant; the same seed gives the same. Throws RangeError for an unknown name. */
export function injectionsOf(scenario: string, city: City, startMs: number, seed: number): readonly FaultInjection[] {
  const found = SCENARIOS.get(scenario);
  if (found === undefined)
    throw new RangeError(`there is no scenario ${scenario}: ${[...SCENARIOS.keys()].join(', ')}`);
  return found.injections({ city, startMs, random: createRandom(seed).fork(scenario) });
}
