import type { Scenario } from '../scenario.js';

export const clean: Scenario = {
  name: 'clean',
  description: 'nothing goes wrong',
  injections: () => [],
};
