export * from './cabinet.entity.js';
export * from './lamp-group.entity.js';
export * from './lamp-state.entity.js';
export * from './lamp-type.entity.js';
export * from './lamp.entity.js';
export * from './site.entity.js';
export * from './tariff.entity.js';
