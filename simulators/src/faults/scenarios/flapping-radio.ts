import { devicesOf } from '../reach.js';
import { HOUR_MS, instantBetween, share, some, type Scenario } from '../scenario.js';

export const flappingRadio: Scenario = {
  name: 'flapping-radio',
  description: 'some devices lose contact and regain it every few minutes, for six hours',
  injections: (context) => {
    const { city, random } = context;
    const devices = devicesOf(city.lamps);
    return some(random, devices, share(devices, 0.02)).map((address) => {
      const fromMs = instantBetween(context, HOUR_MS, 2 * HOUR_MS);
      const parameters = { lostS: random.integer(120, 420), heardS: random.integer(120, 420) };
      return {
        kind: 'flappingRadio',
        target: { kind: 'device', address },
        fromMs,
        toMs: fromMs + 6 * HOUR_MS,
        parameters,
      };
    });
  },
};
