export * from './ingest.module.js';
export * from './ingest.service.js';
export * from './energy-booking.service.js';
