export * from './correlation-id.js';
export * from './logged-url.js';
export * from './logger.js';
export * from './metrics.js';
export * from './readiness.js';
