export * from './fault-writer.js';
export * from './heard-lamps.js';
export * from './watched-lamps.js';
export * from './fault-groups.js';
