export { backoffMs } from '#libs/kernel';
export * from './durable-consumer.js';
export * from './publisher.js';
