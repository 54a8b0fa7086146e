export * from './lamp-thresholds.js';
