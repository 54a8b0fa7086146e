export * from './platform.module.js';
export * from './tick.js';
export * from './tokens.js';
