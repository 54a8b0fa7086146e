import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { type DiscoveryService, type MetadataScanner } from '@nestjs/core';
import { ACCESS, type Declared } from './access.decorator.js';

/** A route and what it says of who may come. */
export interface Route {
  /** Such as `GET`. */
  readonly method: string;
  /** Such as `/api/v1/sites/:site`. */
  readonly path: string;
  /** Name of its method, which is its operationId. */
  readonly operation: string;
  readonly declared: Declared | undefined;
}

/** At the root, for machines: see configure-api.ts. */
export const ROOT_PATHS = ['health/live', 'health/ready', 'metrics'];
export const PREFIX = 'api/v1';

/** Every route of every controller, by path. */
export function routesOf(discovery: DiscoveryService, scanner: MetadataScanner): Route[] {
  return discovery
    .getControllers()
    .flatMap(({ instance, metatype }) => {
      if (instance === undefined || typeof metatype !== 'function') return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
      const base = Reflect.getMetadata(PATH_METADATA, metatype) as string | undefined;
      return scanner.getAllMethodNames(prototype).flatMap((operation) => {
        const handler = prototype[operation] as object;
        const own = Reflect.getMetadata(PATH_METADATA, handler) as string | undefined;
        if (own === undefined) return [];
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        const path = [base ?? '', own]
          .flatMap((part) => part.split('/'))
          .filter((part) => part !== '')
          .join('/');
        const declared = Reflect.getMetadata(ACCESS, handler) as Declared | undefined;
        return [{ method, path: ROOT_PATHS.includes(path) ? `/${path}` : `/${PREFIX}/${path}`, operation, declared }];
      });
    })
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1));
}

/** What reaches through a part of the path needs it there. */
const NEEDS: Readonly<Record<string, string>> = {
  ...{ site: ':site', inSite: ':site', groupQuery: ':site', overrideTarget: ':site' },
  ...{ lamp: ':lamp', group: ':group', fault: ':fault', override: ':override', batch: ':batch' },
};

/** What is wrong with what routes declare, a line each. */
export function accessProblems(routes: readonly Route[]): string[] {
  return routes.flatMap(({ method, path, operation, declared }) => {
    const route = `${method} ${path} (${operation})`;
    if (declared === undefined) return [`${route} does not say who may use it: add @Access, @SignedIn or @Public`];
    if (declared.kind !== 'capability') return declared.why.trim() === '' ? [`${route} does not say why`] : [];
    const parts = path.split('/');
    const needed = NEEDS[declared.reach];
    if (needed !== undefined && !(parts.includes(needed) && parts.includes(':site')))
      return [`${route} reaches through ${declared.reach}, but has no ${needed} in its path`];
    if (needed === undefined && parts.includes(':site'))
      return [`${route} has a site in its path, but does not heed it (${declared.reach})`];
    return [];
  });
}
