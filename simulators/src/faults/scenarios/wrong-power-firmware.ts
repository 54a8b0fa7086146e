import { lampTarget } from '../reach.js';
import { HOUR_MS, type Scenario } from '../scenario.js';

export const wrongPowerFirmware: Scenario = {
  name: 'wrong-power-firmware',
  description: 'after six hours all controllers of a lamp type report a third more power than there is',
  injections: ({ city, startMs, random }) => {
    const lampType = random.pick([...new Set(city.lamps.map((lamp) => lamp.lampType))]);
    return city.lamps
      .filter((lamp) => lamp.lampType === lampType)
      .map((lamp) => ({
        kind: 'wrongPower',
        target: lampTarget(lamp),
        fromMs: startMs + 6 * HOUR_MS,
        toMs: undefined,
      }));
  },
};
