export * from './energy-sums.js';
export * from './lighting-samples.js';
export * from './nights.js';
export * from './segments.js';
