export * from './broker-password.js';
export * from './device-credentials.js';
