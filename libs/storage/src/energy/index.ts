export * from './book-energy.js';
export * from './energy-plan.js';
export * from './energy.repository.js';
export * from './late-readings.js';
