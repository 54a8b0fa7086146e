export * from './command-state.js';
export * from './delivery-policy.js';
export * from './judge-command.js';
export * from './override.js';
export * from './judge-level.js';
