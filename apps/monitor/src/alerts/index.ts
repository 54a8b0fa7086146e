export * from './alerts.providers.js';
export * from './alerts.service.js';
