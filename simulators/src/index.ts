export * from './city/city.js';
export * from './city/generate-city.js';
export * from './city/inventory.js';
export * from './fleet/fleet.js';
export * from './garbage/garbage.js';
export * from './random.js';
