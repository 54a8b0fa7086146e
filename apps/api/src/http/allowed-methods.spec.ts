import { describe, expect, it } from '@jest/globals';
import { allowedMethods } from './allowed-methods.js';

const ROUTES = [
  { method: 'GET', path: '/api/v1/sites' },
  { method: 'POST', path: '/api/v1/sites' },
  { method: 'DELETE', path: '/api/v1/sites/:site' },
  { method: 'PUT', path: '/api/v1/sites/:site/tariffs/:validFrom' },
  { method: 'GET', path: '/api/v1/sites/:site/lamps/:lamp' },
];

describe('the methods of a path', () => {
  it.each([
    ['/api/v1/sites', ['GET', 'HEAD', 'POST']],
    ['/api/v1/sites/', ['GET', 'HEAD', 'POST']],
    ['/api/v1/sites/BT', ['DELETE']],
    ['/api/v1/sites/BT/tariffs/2026-01-01', ['PUT']],
    ['/api/v1/sites//tariffs/2026-01-01', []],
    ['/api/v1/sites/BT/lamps', []],
    ['/api/v1/site', []],
    ['', []],
  ])('%s has %j', (path, methods) => {
    expect(allowedMethods(ROUTES, path)).toEqual(methods);
  });
});
