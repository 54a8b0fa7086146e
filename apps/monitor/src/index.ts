export * from './monitor.module.js';
export * from './detection/detection.service.js';
export * from './reporting/reporter.js';
