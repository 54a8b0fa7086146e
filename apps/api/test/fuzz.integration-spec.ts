import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApiUnderTest } from './support/api-under-test.js';
import { storeCrew, storeFault } from './support/faults.js';

type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query: readonly string[];
};

interface OpenApi {
  readonly paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>;
}

/** Texts that have broken servers before. */
const nasty = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    '%00',
    'null',
    'NaN',
    '1e999',
    '-1',
    '9'.repeat(40),
    '2026-02-30',
    '9999-12-31',
    "'; DROP TABLE lamp; --",
    '../..',
    '\ud800',
    '💡',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    'BT',
    'L-0001',
    'CAB-01',
    'LED-57',
    '2026-01-01',
    '2026-11-24T00:00:00Z',
    'day',
    'site',
    '10',
    '1',
    'NORTH',
    'true',
  ),
);
const anyBody = fc.oneof(
  fc.anything({ withNullPrototype: false, withBigInt: false }).map((value) => JSON.stringify(value) ?? 'null'),
  fc
    .dictionary(
      fc.constantFrom(
        'address',
        'name',
        'timeZone',
        'latitude',
        'longitude',
        'lampType',
        'cabinet',
        'bands',
        'currency',
        'basePricePerKwh',
        'add',
        'remove',
        'groups',
        'code',
        'ratedPowerW',
        'program',
        'switchPoints',
        'activePeriods',
        'rules',
        'defaultProgram',
        'calendar',
        'priority',
        'place',
        'lamps',
        'from',
        'site',
        'thresholds',
        'supply',
        'crew',
        'text',
        'photo',
        'resolution',
        'parts',
      ),
      fc.oneof(nasty, fc.double(), fc.integer(), fc.array(nasty), fc.constant(null), fc.boolean()),
    )
    .map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }),
);

describe('whatever is asked', () => {
  let api: ApiUnderTest;
  let operations: Operation[];

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
    await storeCrew(api, 'NORTH');
    await storeFault(api, { lamp: 'L-0001' });
    const document = (await api.get('//docs/openapi.json')).body as OpenApi;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => ({
        method: method.toUpperCase() as Operation['method'],
        path,
        query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
      })),
    );
  });

  afterAll(() => api.stop());

  it('is never answered with a 5xx, and always with a problem document when refused', async () => {
    expect(operations.length).toBeGreaterThan(40);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(nasty, { minLength: 4, maxLength: 4 }),
        fc.array(nasty, { minLength: 8, maxLength: 8 }),
        anyBody,
        async (pick, parts, values, body) => {
          const operation = operations[pick % operations.length] as Operation;
          let part = 0;
          const path = operation.path.replace(
            /\{[^}]+\}/g,
            () => encodeURIComponent((parts[part++] ?? 'BT').toWellFormed()) || 'BT',
          );
          const query = operation.query
            .filter((_name, index) => (pick >> index) % 2 === 0)
            .map((name, index) => `${name}=${encodeURIComponent((values[index] ?? '').toWellFormed())}`)
            .join('&');
          const hasBody = operation.method !== 'GET' && operation.method !== 'DELETE';
          const answer = await api.call(
            operation.method,
            `/${path}${query === '' ? '' : `?${query}`}`,
            hasBody ? body : undefined,
            {
              ...(hasBody ? { 'content-type': 'application/json' } : {}),
            },
          );
          if (operation.path !== '/health/ready') expect(answer.status).toBeLessThan(500);
          if (answer.status >= 400) {
            expect(answer.headers.get('content-type')).toContain('application/problem+json');
            expect(answer.body).toMatchObject({
              status: answer.status,
              title: expect.any(String),
              detail: expect.any(String),
            });
          }
        },
      ),
      { numRuns: 1500 },
    );
  }, 120_000);
});
