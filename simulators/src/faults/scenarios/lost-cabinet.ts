import { HOUR_MS, type Scenario } from '../scenario.js';

export const lostCabinet: Scenario = {
  name: 'lost-cabinet',
  description: 'a cabinet loses its supply for three hours',
  injections: ({ city, startMs, random }) => [
    {
      kind: 'cabinetOutage',
      target: { kind: 'cabinet', address: random.pick(city.cabinets).address },
      fromMs: startMs + HOUR_MS,
      toMs: startMs + 4 * HOUR_MS,
    },
  ],
};
