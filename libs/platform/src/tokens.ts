/** Injection tokens for what is not a class. */
/** `Environment` of libs/config. */
export const CONFIG = Symbol('config');
/** `Clock` of libs/kernel. */
export const CLOCK = Symbol('clock');
/** `Clock` of libs/kernel that nobody speeds up: for what people and their secrets may do, also in a simulated city. */
export const WALL_CLOCK = Symbol('wall clock');
/** prom-client's `Registry`. */
export const METRICS = Symbol('metrics');
/** `Pool` of libs/storage: plain connections for the hot path. */
export const POOL = Symbol('pool');
/** `DatabaseCapability` of libs/storage; available once the schema is up to date. */
export const CAPABILITY = Symbol('capability');
