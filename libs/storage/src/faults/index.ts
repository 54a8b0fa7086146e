export * from './fault-writer.js';
export * from './heard-lamps.js';
export * from './watched-lamps.js';
export * from './fault-groups.js';
export * from './fault-actions.js';
export * from './fault-list.js';
export * from './fault-reports.js';
export * from './lamp-thresholds.js';
