import { collectDefaultMetrics, Registry } from 'prom-client';

/** A registry of its own for each process (or test): no global state. */
export function createMetricsRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

export { Counter, Gauge, Histogram, Registry } from 'prom-client';
