export * from './detect-lamp.js';
export * from './evidence.js';
export * from './fault-kinds.js';
export * from './fault-state.js';
export * from './lamp-facts.js';
export { BLANK_MEMORY } from './memory.js';
export * from './thresholds.js';
export * from './silence.js';
