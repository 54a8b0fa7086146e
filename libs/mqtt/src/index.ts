export * from './backoff.js';
export * from './durable-consumer.js';
export * from './publisher.js';
