export * from './backoff.js';
export * from './clock.js';
export * from './domain-error.js';
export * from './ids.js';
export * from './result.js';
export * from './zone.js';
