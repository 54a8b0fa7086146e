export * from './api.module.js';
export * from './configure-api.js';
