export * from './night-events.js';
export * from './place.js';
