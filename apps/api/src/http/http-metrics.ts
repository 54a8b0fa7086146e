import { Histogram, type Registry } from 'prom-client';
import type { NextFunction, Request, Response } from 'express';

/** Measures how long answers take, by route pattern: never by path, of which there is no end. */
export function httpMetrics(registry: Registry) {
  const histogram = new Histogram({
    name: 'felinar_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    const end = histogram.startTimer();
    response.once('close', () =>
      end({ method: methodOf(request.method), route: routeOf(request), status: String(response.statusCode) }),
    );
    next();
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const methodOf = (method: string): string => (METHODS.has(method) ? method : 'other');

function routeOf(request: Request): string {
  const path: unknown = (request.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' && !path.includes('*') ? path : 'unmatched';
}
