export * from './solar-night.js';
