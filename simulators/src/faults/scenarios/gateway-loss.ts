import { devicesOf, isItsOwnDevice } from '../reach.js';
import { HOUR_MS, some, type Scenario } from '../scenario.js';

export const gatewayLoss: Scenario = {
  name: 'gateway-loss',
  description: 'a gateway is not heard for four hours; its lamps burn on',
  injections: ({ city, startMs, random }) => {
    const gateways = devicesOf(city.lamps.filter((lamp) => !isItsOwnDevice(lamp)));
    return some(random, gateways, 1).map((address) => ({
      kind: 'communicationFailure',
      target: { kind: 'device', address },
      fromMs: startMs + HOUR_MS,
      toMs: startMs + 5 * HOUR_MS,
    }));
  },
};
