export * from './platform.module.js';
export * from './tokens.js';
