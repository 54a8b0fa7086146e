import type { NestExpressApplication } from '@nestjs/platform-express';
import { RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { correlationId, type Registry } from '#libs/observability';
import type { Clock } from '#libs/kernel';
import { CONFIG, METRICS, POOL, WALL_CLOCK } from '#libs/platform';
import { findPrincipal, type Pool } from '#libs/storage';
import { ActorInterceptor } from './access/actor.interceptor.js';
import { tokenOf } from './access/principal.js';
import type { Environment } from '#libs/config';
import { PREFIX, ROOT_PATHS, routesOf, type Route } from './access/routes.js';
import type { NextFunction, Request, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import helmet from 'helmet';
import { allowedMethods } from './http/allowed-methods.js';
import { shallowBodies } from './http/body-depth.js';
import { elsewhere } from './http/elsewhere.js';
import { httpMetrics } from './http/http-metrics.js';
import { OrderlyClose } from './http/orderly-close.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RequestValidationPipe } from './http/request-validation.pipe.js';
import { ResourceHeadersInterceptor } from './http/resource-headers.interceptor.js';
import { StrictQueryGuard } from './http/strict-query.guard.js';
import { MAX_FILE_BYTES } from './inventory/upload.js';
import { setUpDocs } from './openapi/docs.js';

/** Everything about the API that is not a route: call it before listen(), wherever the ApiModule runs. */
export function configureApi(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('trust proxy', app.get<Environment>(CONFIG).FELINAR_TRUSTED_PROXIES ?? false);
  app.use((request: Request, response: Response, next: NextFunction) => {
    correlationId(request, response);
    next();
  });
  app.use(httpMetrics(app.get<Registry>(METRICS)));
  app.use(securityHeaders());
  useBodyParsers(app);
  const filter = new ProblemFilter(methodsOf(app));
  app.use(shallowBodies(filter));
  app.use(elsewhere(filter));
  // Not in the prefix: what machines and people look for at the root.
  app.setGlobalPrefix(PREFIX, {
    exclude: ROOT_PATHS.map((path) => ({ path, method: RequestMethod.GET })),
  });
  app.use(app.get(OrderlyClose).middleware);
  app.useGlobalFilters(filter);
  app.useGlobalGuards(new StrictQueryGuard());
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalInterceptors(new ActorInterceptor(), new ResourceHeadersInterceptor());
  setUpDocs(app);
}

/** The methods of a path; the routes are known once the application is up. */
function methodsOf(app: NestExpressApplication) {
  let routes: Route[] | undefined;
  return (path: string) => {
    routes ??= routesOf(app.get(DiscoveryService), app.get(MetadataScanner));
    return allowedMethods(routes, path);
  };
}

/** Swagger UI needs inline styles and images from data: URLs, and nothing from elsewhere. */
function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
      },
    },
    // Plain HTTP in a closed network is a deployment's decision; the proxy that speaks TLS adds this.
    strictTransportSecurity: false,
  });
}

function useBodyParsers(app: NestExpressApplication): void {
  app.use(recognizeSenders(app.get<Pool>(POOL), app.get<Clock>(WALL_CLOCK)));
  app.useBodyParser('json', { limit: '1mb', type: ['application/json', 'application/merge-patch+json'] });
  app.useBodyParser('raw', { limit: MAX_FILE_BYTES, type: (request) => RECOGNIZED.has(request) });
}

/** Senders of large bodies, known before the body is read: nobody else fills the memory with them. */
const RECOGNIZED = new WeakSet<IncomingMessage>();

function recognizeSenders(pool: Pool, clock: Clock) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const token = isInventoryFile(request) ? tokenOf(request) : undefined;
    if (token === undefined) return next();
    findPrincipal(pool, token, clock.nowMs()).then((principal) => {
      if (principal !== undefined) RECOGNIZED.add(request);
      next();
    }, next);
  };
}

/** Large bodies are read on the one route that wants them. */
function isInventoryFile(request: IncomingMessage): boolean {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  const path = request.url?.split('?', 1)[0];
  return path?.endsWith('/inventory/import') === true && (type === 'text/csv' || type === 'application/geo+json');
}
