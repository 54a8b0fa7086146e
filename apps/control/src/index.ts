export * from './control.module.js';
export * from './answers/answers.service.js';
export * from './distribution/distribution.service.js';
