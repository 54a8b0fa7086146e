export * from './actor.js';
export * from './audit.js';
export * from './audited-tables.js';
