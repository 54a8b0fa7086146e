export * from './calendar.js';
export * from './control-program.js';
export * from './night-curve.js';
export * from './resolve-anchor.js';
export * from './review-program.js';
export * from './compile-nights.js';
export * from './site-programs.js';
export * from './effective-minimum.js';
