import { devicesOf } from '../reach.js';
import { DAY_MS, HOUR_MS, instantBetween, share, some, type Scenario } from '../scenario.js';

export const clockDrift: Scenario = {
  name: 'clock-drift',
  description: 'some devices have clocks that are minutes off and gain, for two days',
  injections: (context) => {
    const { city, random } = context;
    const devices = devicesOf(city.lamps);
    return some(random, devices, share(devices, 0.03)).map((address) => {
      const fromMs = instantBetween(context, 0, 6 * HOUR_MS);
      const sign = random.pick([1, -1]);
      const offsetMs = sign * 1000 * random.integer(300, 1200);
      const parameters = { offsetMs, driftPpm: sign * random.integer(100, 1000) };
      return { kind: 'clockDrift', target: { kind: 'device', address }, fromMs, toMs: fromMs + 2 * DAY_MS, parameters };
    });
  },
};
