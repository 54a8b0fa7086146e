export * from './capability.js';
export * from './may-do.js';
export * from './password.js';
export * from './role.js';
export * from './role-map.js';
export * from './sign-in-elsewhere.js';
export * from './sign-in-pace.js';
export * from './token.js';
