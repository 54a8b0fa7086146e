export * from './solar-night.js';
export * from './zone.js';
