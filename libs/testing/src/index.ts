export * from './environment.js';
export * from './fixed-clock.js';
export * from './measured.js';
export * from './production-broker.js';
export * from './role-process.js';
export * from './test-broker.js';
export * from './test-database.js';
export * from './wait-for.js';
