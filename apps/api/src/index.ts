export * from './api.module.js';
export * from './configure-api.js';
export * from './identity/first-administrator.js';
