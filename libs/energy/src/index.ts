export * from './co2.js';
export * from './expected-power.js';
export * from './register.js';
export * from './tariff.js';
export * from './expected-power.js';
