export * from './fault-actions.js';
export * from './fault-list.js';
export * from './fault-reports.js';
export * from './lamp-thresholds.js';
