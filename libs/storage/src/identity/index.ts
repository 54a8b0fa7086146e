export * from './administrators.js';
export * from './api-keys.js';
export * from './grants.js';
export * from './principals.js';
export * from './reach.js';
export * from './sessions.js';
export * from './sign-in-failures.js';
export * from './users.js';
