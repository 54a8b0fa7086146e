export * from './apply-tiers.js';
export * from './prune.js';
export * from './retention.js';
