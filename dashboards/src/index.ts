export * from './dashboards.js';
