export * from './night-events.js';
export * from './place.js';
export * from './solar-night.js';
