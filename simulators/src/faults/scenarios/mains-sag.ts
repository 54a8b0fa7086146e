import { HOUR_MS, type Scenario } from '../scenario.js';

export const mainsSag: Scenario = {
  name: 'mains-sag',
  description: 'the supply of a cabinet sags by 30 V for two hours',
  injections: ({ city, startMs, random }) => [
    {
      kind: 'supplyVoltageTooLow',
      target: { kind: 'cabinet', address: random.pick(city.cabinets).address },
      fromMs: startMs + HOUR_MS,
      toMs: startMs + 3 * HOUR_MS,
      parameters: { offsetV: -30 },
    },
  ],
};
