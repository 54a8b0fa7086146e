export * from './confirmations.js';
export * from './device-answers.js';
export * from './device-programs.js';
export * from './dispatch.js';
export * from './plan-commands.js';
export * from './server-driven.js';
export * from './site-lock.js';
export * from './site-schedules.js';
