export * from './capability.js';
export * from './may-do.js';
export * from './password.js';
export * from './role.js';
export * from './sign-in-pace.js';
export * from './token.js';
