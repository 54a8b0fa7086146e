export * from './broker-connection.js';
export * from './early-signal.js';
export * from './operations-server.js';
export * from './platform.module.js';
export * from './run-role.js';
export * from './tick.js';
export * from './tokens.js';
