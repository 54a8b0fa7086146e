export * from './city/city.js';
export * from './city/generate-city.js';
export * from './city/inventory.js';
export * from './faults/fault-injection.js';
export type { TrueFault, TrueFaultKind } from './faults/ground-truth.js';
export { injectionsOf, SCENARIOS } from './faults/scenarios.js';
export * from './fleet/fleet.js';
export * from './garbage/garbage.js';
export * from './random.js';
