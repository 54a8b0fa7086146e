export * from './device-events.js';
export * from './payloads.js';
export * from './topics.js';
export * from './broker-acl.js';
export * from './decode.js';
export * from './rejection.js';
export * from './asyncapi.js';
