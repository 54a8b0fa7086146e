import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { problemSchema } from '../src/http/problem.js';
import { ApiUnderTest, LAMP, SITE } from './support/api-under-test.js';
import { storeCrew, storeFault } from './support/faults.js';
import { EVENING, STREETS } from './support/programs.js';

describe('refusals', () => {
  let api: ApiUnderTest;
  let fault: number;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 1);
    await storeCrew(api, 'NORTH');
    fault = await storeFault(api, { lamp: 'L-0001' });
  });
  afterAll(() => api.stop());

  it('are problem documents that carry the correlation id of the request', async () => {
    const answer = await api.get('/sites/NOWHERE?x=1', { 'x-correlation-id': 'test-17' });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('x-correlation-id')).toBe('test-17');
    expect(answer.body).toEqual({
      type: 'urn:felinar:problem:invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail: 'This route takes no query parameters',
      instance: '/api/v1/sites/NOWHERE',
      correlationId: 'test-17',
      errors: [{ pointer: 'query/x', problem: 'is not known here' }],
    });
    expect((await api.get('/sites')).headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['a route that does not exist', 'GET', '/lampz', undefined, {}, 404],
    ['a method that a route does not have', 'PUT', '/sites', {}, {}, 405],
    ['a site that does not exist', 'GET', '/sites/NO/lamps', undefined, {}, 404],
    ['a path that is not percent-encoded', 'GET', '/sites/%ZZ', undefined, {}, 400],
    ['a NUL in the path', 'GET', '/sites/%00', undefined, {}, 400],
    ['a path that is too long', 'GET', `/sites/${'x'.repeat(2_000)}`, undefined, {}, 400],
    ['malformed JSON', 'POST', '/sites', '{"address":', { 'content-type': 'application/json' }, 400],
    ['JSON that is not an object', 'POST', '/sites', '[]', { 'content-type': 'application/json' }, 400],
    ['a body of another type', 'POST', '/sites', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    [
      'a body that is nested deeper than a stack',
      'POST',
      '/sites/BT/overrides',
      '['.repeat(5_000) + ']'.repeat(5_000),
      { 'content-type': 'application/json' },
      400,
    ],
    ['an export of a site that does not exist', 'GET', '/audit?site=NO&format=csv', undefined, {}, 404],
    ['no body', 'POST', '/sites', undefined, {}, 400],
    ['an unknown charset', 'POST', '/sites', '{}', { 'content-type': 'application/json; charset=klingon' }, 415],
    [
      'a body that is too large',
      'POST',
      '/sites',
      JSON.stringify({ name: 'x'.repeat(1_100_000) }),
      { 'content-type': 'application/json' },
      413,
    ],
    ['an If-Match that is not an ETag', 'DELETE', '/sites/BT', undefined, { 'if-match': '1' }, 400],
    ['a weak If-Match', 'PATCH', '/sites/BT', {}, { 'if-match': 'W/"1"' }, 412],
    ['an If-Match with a huge version', 'PATCH', '/sites/BT', {}, { 'if-match': '"99999999999999999999"' }, 412],
    [
      'a form that is cut off',
      'POST',
      '/sites/BT/inventory/import',
      '--x\r\nContent-Disp',
      { 'content-type': 'multipart/form-data; boundary=x' },
      400,
    ],
    [
      'a file in the wrong part',
      'POST',
      '/sites/BT/inventory/import',
      '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\na\r\n--x--\r\n',
      { 'content-type': 'multipart/form-data; boundary=x' },
      400,
    ],
    [
      'telemetry of a day that does not exist',
      'GET',
      '/sites/BT/lamps/L-0001/telemetry?from=2026-02-30',
      undefined,
      {},
      400,
    ],
    [
      'an empty time range',
      'GET',
      '/sites/BT/lamps/L-0001/telemetry?from=2026-02-02&to=2026-02-02',
      undefined,
      {},
      422,
    ],
    [
      'a time range of many years',
      'GET',
      '/sites/BT/lamps/L-0001/telemetry?from=1990-01-01&to=2026-02-02',
      undefined,
      {},
      422,
    ],
    [
      'a measure that does not exist',
      'GET',
      '/sites/BT/lamps/L-0001/telemetry?measures=activePower',
      undefined,
      {},
      400,
    ],
    ['a fault whose id is no number', 'GET', '/sites/BT/faults/%00', undefined, {}, 404],
    ['a fault whose id is too long', 'GET', `/sites/BT/faults/${'9'.repeat(30)}`, undefined, {}, 404],
    ['a cursor of another list', 'GET', '/sites/BT/faults?cursor=WyJCLTE3Il0', undefined, {}, 400],
    ['a resolution that does not exist', 'POST', '/sites/BT/faults/1/resolve', { resolution: 'gone' }, {}, 400],
    ['a report of no days', 'GET', '/sites/BT/reports/availability?from=2026-01-01&to=2026-01-01', undefined, {}, 422],
    ['a report of many years', 'GET', '/sites/BT/reports/response?from=1990-01-01', undefined, {}, 422],
    [
      'minute buckets over a year',
      'GET',
      '/sites/BT/lamps/L-0001/telemetry?from=2025-02-02&to=2026-02-02&resolution=PT1M',
      undefined,
      {},
      422,
    ],
  ] as const)('%s', async (_, method, path, body, headers, status) => {
    const answer = await api.call(method, path, body, { ...headers });
    expect([answer.status, answer.body?.detail]).toEqual([status, expect.any(String)]);
    expect(problemSchema.parse(answer.body).status).toBe(status);
    expect(answer.text).not.toMatch(/node_modules|at .*\(|QueryFailed/);
  });

  describe('whatever is sent, the server never fails', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        '\u0000',
        "'; DROP TABLE lamp; --",
        '%',
        '\\',
        '2026-02-30',
        '-0',
        '1e400',
        'NaN',
        '__proto__',
        '',
      ),
    );
    const queryNames = fc.constantFrom(
      'limit',
      'cursor',
      'cabinet',
      'group',
      'street',
      'bbox',
      'stale',
      'from',
      'to',
      'measures',
      'maxPoints',
      'resolution',
      'reason',
      'by',
      'groupBy',
      'lamp',
      'format',
      'date',
      'days',
      'dryRun',
      'mapping',
      'status',
      'active',
      'program',
      'mismatch',
      'phase',
      'kind',
      'severity',
      'crew',
      'acknowledged',
      'member',
      'withinHours',
      '__proto__',
      'x',
    );
    const paths = fc.constantFrom(
      ...[
        '/sites',
        '/lamp-types',
        '/sites/BT/lamps',
        '/sites/BT/cabinets',
        '/sites/BT/lamp-states',
        '/rejected-messages',
        '/sites/BT/tariffs',
      ],
      ...[
        '/sites/BT/lamps/L-0001/telemetry',
        '/sites/BT/inventory/export',
        '/sites/BT/energy',
        '/sites/BT/lamps/L-0001/energy',
        '/sites/BT/lamps/L-0001',
      ],
      ...[
        '/sites/BT/overrides',
        '/sites/BT/command-batches',
        '/sites/BT/lamp-levels',
        '/sites/BT/rollouts',
        '/sites/BT/device-programs',
        '/sites/BT/programs',
        '/sites/BT/calendars',
        '/sites/BT/assignments',
        '/sites/BT/assignments/site/BT/versions',
        '/sites/BT/lamps/L-0001/schedule',
        '/sites/BT/lamps/L-0001/schedule/year',
        '/sites/BT/faults',
        '/sites/BT/faults/1',
        '/sites/BT/faults/1/members',
        '/sites/BT/faults/1/history',
        '/sites/BT/lamps/L-0001/thresholds',
        '/sites/BT/reports/availability',
        '/sites/BT/reports/life',
        '/sites/BT/reports/day-burners',
        '/sites/BT/reports/response',
      ],
    );
    const likely = fc.oneof(
      text,
      fc.integer().map(String),
      fc
        .date({ min: new Date('1960-01-01'), max: new Date('9999-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      fc.anything().map((value) => Buffer.from(JSON.stringify([value]) ?? '').toString('base64url')),
      fc.constantFrom(
        'hour',
        'day',
        'month',
        'lamp',
        'site',
        'PT15M',
        'true',
        'activePowerW',
        'L-0001',
        'CAB-01',
        'svg',
        '2026-11-01',
        '2026-12-01',
        '0001-01-01',
        '9999-12-31',
        'open',
        'lampFailure',
        'csv',
        Buffer.from(JSON.stringify(['-1 0 0'])).toString('base64url'),
        Buffer.from(JSON.stringify([`999999999 ${'9'.repeat(16)} ${'9'.repeat(18)}`])).toString('base64url'),
      ),
    );

    it('to query strings', async () => {
      await fc.assert(
        fc.asyncProperty(paths, fc.array(fc.tuple(queryNames, likely), { maxLength: 4 }), async (path, pairs) => {
          const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&');
          const { status } = await api.get(`${path}?${query}`);
          expect(status).toBeLessThan(500);
        }),
        { numRuns: 400 },
      );
    });

    it('to paths', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(text, { maxLength: 4 }), async (parts) => {
          const path = parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/');
          expect((await api.get(`/sites/${path}`)).status).toBeLessThan(500);
        }),
        { numRuns: 150 },
      );
    });

    const value = fc.oneof(
      { weight: 3, arbitrary: fc.jsonValue() },
      text,
      fc.constantFrom<unknown>(1e308, -1, 2 ** 53, null, [], {}, ['L-0001'], '\u0000', 'L1', 'CAB-01'),
    );
    const mutated = (base: object) =>
      fc
        .dictionary(
          fc.oneof(
            fc.constantFrom(...Object.keys(base), 'groups', 'street', 'circuit', 'bands', 'add', 'remove'),
            text,
          ),
          value,
          { maxKeys: 3 },
        )
        .map((change) => ({ ...base, ...change }));
    const tariff = { currency: 'EUR', basePricePerKwh: 1, bands: [] };
    const targets = fc.oneof(
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites'), mutated({ ...SITE, address: 'F' })),
      fc.tuple(fc.constant('PATCH' as const), fc.constant('/sites/F'), mutated({})),
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites/BT/lamps'), mutated({ ...LAMP, address: 'F' })),
      fc.tuple(fc.constant('PATCH' as const), fc.constant('/sites/BT/lamps/L-0001'), mutated({})),
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites/BT/cabinets'), mutated({ address: 'F', name: 'F' })),
      fc.tuple(
        fc.constant('POST' as const),
        fc.constant('/lamp-types'),
        mutated({ code: 'F', name: 'F', technology: 'LED', ratedPowerW: 1 }),
      ),
      fc.tuple(fc.constant('PUT' as const), fc.constant('/sites/BT/tariffs/2026-01-01'), mutated(tariff)),
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites/BT/groups/CENTRE/lamps'), mutated({ add: [] })),
      fc.tuple(
        fc.constant('POST' as const),
        fc.constant('/sites/BT/overrides'),
        mutated({ target: { kind: 'site' }, levelPercent: 1, expiresAt: '2026-11-24T13:00:00Z' }),
      ),
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites/BT/programs'), mutated({ ...EVENING, address: 'F' })),
      fc.tuple(fc.constant('PATCH' as const), fc.constant('/sites/BT/programs/F'), mutated({ switchPoints: [] })),
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites/BT/calendars'), mutated({ ...STREETS, address: 'F' })),
      fc.tuple(fc.constant('PUT' as const), fc.constant('/sites/BT/assignments/site/BT'), mutated({ calendar: 'F' })),
      fc.tuple(
        fc.constant('POST' as const),
        fc.constant('/programs/preview'),
        mutated({ program: {}, site: 'BT', from: '2026-11-24' }),
      ),
      fc.tuple(fc.constant('POST' as const), fc.constant('/sites/BT/faults/FAULT/assign'), mutated({ crew: 'NORTH' })),
      fc.tuple(
        fc.constant('POST' as const),
        fc.constant('/sites/BT/faults/FAULT/comment'),
        mutated({ text: 'x', photo: 'https://a/b' }),
      ),
      fc.tuple(
        fc.constant('POST' as const),
        fc.constant('/sites/BT/faults/FAULT/resolve'),
        mutated({ resolution: 'cleaned', parts: 'x', text: 'x' }),
      ),
      fc.tuple(
        fc.constantFrom('PATCH' as const),
        fc.constantFrom('/lamp-types/LED-57', '/sites/BT/groups/CENTRE', '/sites/BT/lamps/L-0001'),
        mutated({ warmUpS: 1, supplyVoltageHighV: 260 }).map((thresholds) => ({ thresholds })),
      ),
    );

    it('to bodies', async () => {
      await fc.assert(
        fc.asyncProperty(targets, async ([method, path, body]) => {
          const { status } = await api.call(method, path.replace('FAULT', String(fault)), body);
          expect(status).toBeLessThan(500);
        }),
        { numRuns: 500 },
      );
    }, 120_000);

    it('to inventory files', async () => {
      const cell = fc.oneof(
        text,
        fc.constantFrom('L-1', '47.74', '26.66', 'LED-57', '57', '"', ';', '"a;b"', '47,7', "'=1+1"),
      );
      const csv = fc
        .array(
          fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(',')),
          { maxLength: 6 },
        )
        .map((rows) => ['lamp,latitude,longitude,lampType,ratedPowerW,cabinet', ...rows].join('\n'));
      const features = fc.jsonValue().map((feature) =>
        JSON.stringify({
          type: 'FeatureCollection',
          features: [feature, { type: 'Feature', geometry: feature, properties: feature }],
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.oneof(csv, features, text), async (file) => {
          expect((await api.importFile('BT', file, { dryRun: true })).status).toBeLessThan(500);
        }),
        { numRuns: 250 },
      );
    });
  });
});
