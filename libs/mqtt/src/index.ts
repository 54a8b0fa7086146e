export { backoffMs } from '#libs/kernel';
export * from './durable-consumer.js';
export { rememberPacketLengths } from './packet-lengths.js';
export * from './publisher.js';
