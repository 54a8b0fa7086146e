import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { SitesService } from '../src/sites/sites.service.js';
import { ANONYMOUS, ApiUnderTest, type Answer } from './support/api-under-test.js';
import { storeCrew, storeFault } from './support/faults.js';

const BODY_LIMIT = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

describe('what the API gives away', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 3);
    await storeCrew(api, 'NORTH');
  });
  afterAll(() => api.stop());

  it.each([
    ['an answer', '/sites', {}],
    ['a refusal', '/sites/NOWHERE', {}],
    ['a refusal to a stranger', '/sites', ANONYMOUS],
    ['a route that is not there', '/nothing', {}],
    ['the docs', '//docs', ANONYMOUS],
    ['health', '//health/live', ANONYMOUS],
  ])('%s comes with headers that keep browsers from being used against it', async (_, path, headers) => {
    const answer = await api.get(path, headers);
    const header = (name: string) => answer.headers.get(name);
    expect(header('content-security-policy')).toContain("default-src 'self'");
    expect(header('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(header('content-security-policy')).toContain("script-src 'self';");
    expect(header('x-content-type-options')).toBe('nosniff');
    expect(header('x-frame-options')).toBe('SAMEORIGIN');
    expect(header('referrer-policy')).toBe('no-referrer');
    expect(header('cross-origin-resource-policy')).toBe('same-origin');
    expect(header('cross-origin-opener-policy')).toBe('same-origin');
    expect([header('x-powered-by'), header('server')]).toEqual([null, null]);
    // Without a word about other origins, browsers let no other page read it.
    expect(header('access-control-allow-origin')).toBeNull();
  });

  describe('of bodies', () => {
    const bodyOf = (bytes: number) => {
      const around = JSON.stringify({ name: '' }).length;
      return JSON.stringify({ name: 'x'.repeat(bytes - around) });
    };

    it('reads a megabyte, and says what there may be when it is one byte more', async () => {
      expect((await api.post('/sites', bodyOf(BODY_LIMIT), JSON_TYPE)).status).toBe(400);
      const answer = await api.post('/sites', bodyOf(BODY_LIMIT + 1), JSON_TYPE);
      expect([answer.status, answer.body.detail]).toEqual([
        413,
        'The request is too large: bodies may have 1 MB, inventory files 64 MB',
      ]);
    });

    it('reads 64 MB of inventory, not a byte more, and nothing at all from strangers', async () => {
      const path = '/sites/BT/inventory/import?dryRun=true';
      const csv = { 'content-type': 'text/csv' };
      const over = new Uint8Array(64 * BODY_LIMIT + 1).fill(0x20);
      expect((await api.post(path, over, csv)).status).toBe(413);
      const form = new FormData();
      form.append('file', new Blob([over]), 'lamps.csv');
      expect((await api.post(path, form)).status).toBe(413);
      const stranger = await api.post(path, over.subarray(0, 3 * BODY_LIMIT), {
        ...csv,
        authorization: 'Bearer fela_x',
      });
      expect(stranger.status).toBe(401);
    }, 60_000);
  });

  describe('of its inside when it fails', () => {
    const saysNothing = ({ status, body, text }: Answer) => {
      expect([status, body.type]).toEqual([500, 'urn:felinar:problem:internal']);
      expect(body.detail).toBe('The server failed. It has been logged: report it with the correlationId');
      expect(Object.keys(body).sort()).toEqual(['correlationId', 'detail', 'instance', 'status', 'title', 'type']);
      expect(text).not.toMatch(/hunter2|secret_table|SELECT|\brelation\b|crew_gone|node_modules|\.ts\b|\bat /);
    };

    it.each([
      ['an error', Object.assign(new Error('SELECT * FROM secret_table: hunter2'), { query: 'SELECT hunter2' })],
      ['an error of the client that has a status of its own', Object.assign(new Error('hunter2'), { status: 502 })],
      ['something that is no error', 'hunter2'],
      ['nothing', undefined],
    ])('is nothing: %s', async (_, thrown) => {
      const spy = jest.spyOn(api.provided(SitesService), 'get').mockRejectedValue(thrown);
      try {
        saysNothing(await api.get('/sites/BT'));
      } finally {
        spy.mockRestore();
      }
    });

    it('is nothing when the database does not know a table', async () => {
      await api.database.query('ALTER TABLE crew RENAME TO crew_gone');
      try {
        saysNothing(await api.get('/sites/BT/crews'));
      } finally {
        await api.database.query('ALTER TABLE crew_gone RENAME TO crew');
      }
    });
  });

  describe('as CSV', () => {
    const DANGEROUS = ['=1+1', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '\n=1', '＝1', "'=1", "''@x"];

    it('is run by no spreadsheet, on any route', async () => {
      const document = (await api.get('//docs/openapi.json')).body as {
        paths: Record<string, { get?: { parameters?: { name: string; schema: { enum?: string[] } }[] } }>;
      };
      const routes = Object.entries(document.paths)
        .filter(([, { get }]) =>
          get?.parameters?.some(({ name, schema }) => name === 'format' && schema.enum?.includes('csv')),
        )
        .map(([path]) => path.replace('/api/v1', '').replace('{site}', 'BT'));
      expect(routes.sort()).toEqual([
        '/audit',
        '/sites/BT/inventory/export',
        '/sites/BT/reports/availability',
        '/sites/BT/reports/day-burners',
        '/sites/BT/reports/life',
        '/sites/BT/reports/response',
      ]);
      let guarded = 0;
      for (const text of DANGEROUS) {
        // Past the rules of the API, as an older version or another program may have written it.
        await api.database.query('UPDATE lamp SET street = $1, pole = $1, circuit = $1', [text]);
        await api.database.query('UPDATE crew SET name = $1', [text]);
        await api.database.query('UPDATE cabinet SET name = $1', [text]);
        for (const route of routes) {
          const answer = await api.get(`${route}${route.includes('?') ? '&' : '?'}format=csv`);
          expect([route, answer.status, answer.headers.get('content-type')]).toEqual([
            route,
            200,
            'text/csv; charset=utf-8',
          ]);
          const cells = (parse(answer.text, { relax_column_count: true }) as string[][]).flat();
          expect(cells.filter((cell) => /^[=+@＝＋－＠\t\r\n]/.test(cell) || /^-(?!\d+(\.\d+)?$)/.test(cell))).toEqual(
            [],
          );
          if (cells.includes(`'${text}`)) guarded += 1;
        }
      }
      // The inventory at the least has each of them, as it was.
      expect(guarded).toBeGreaterThanOrEqual(DANGEROUS.length);
    });

    it('comes back as it was', async () => {
      const street = '＝1';
      await api.database.query('UPDATE lamp SET street = $1, pole = NULL, circuit = NULL', [street]);
      const file = (await api.get('/sites/BT/inventory/export?format=csv')).text;
      expect(file).toContain(`'${street}`);
      expect((await api.importFile('BT', file)).body.lamps).toEqual({ created: 0, updated: 0, unchanged: 3 });
    });
  });
});

it('a fault with a comment that is a formula is as harmless as the rest', async () => {
  const api = await ApiUnderTest.start();
  try {
    await api.city('BT', 1);
    const fault = await storeFault(api, { lamp: 'L-0001' });
    expect((await api.post(`/sites/BT/faults/${fault}/comment`, { text: '=HYPERLINK("http://x")' })).status).toBe(200);
    const rows = parse((await api.get('/audit?format=csv')).text) as string[][];
    expect(rows.flat().filter((cell) => cell.startsWith('='))).toEqual([]);
  } finally {
    await api.stop();
  }
});

describe('an address', () => {
  it('is not what somebody says it is, where no proxy is trusted', async () => {
    const api = await ApiUnderTest.start();
    try {
      const statuses: number[] = [];
      for (let n = 0; n < 33; n += 1) {
        const headers = { 'x-forwarded-for': `203.0.113.${n}`, authorization: '' };
        statuses.push(
          (await api.post('/sessions', { username: `u${n}`, password: 'a guess of somebody' }, headers)).status,
        );
      }
      expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
      expect(statuses.at(-1)).toBe(429);
    } finally {
      await api.stop();
    }
  });
});

it('a lamp that is put into groups from both sides at once is never told to try again', async () => {
  const api = await ApiUnderTest.start();
  try {
    await api.city('BT', 2);
    const lamps = ['L-0001', 'L-0002'];
    const answers: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const groups = round % 2 === 0 ? ['CENTRE', 'NORTH'] : [];
      const asked = lamps.flatMap((lamp) => [
        api.patch(`/sites/BT/lamps/${lamp}`, { groups }),
        api.post('/sites/BT/groups/CENTRE/lamps', { add: lamps }),
        api.post('/sites/BT/groups/NORTH/lamps', { remove: lamps }),
        api.put(`/sites/BT/groups/NORTH/lamps/${lamp}`),
      ]);
      answers.push(...(await Promise.all(asked)).map(({ status }) => status));
    }
    expect(answers.filter((status) => status >= 500)).toEqual([]);
  } finally {
    await api.stop();
  }
}, 60_000);
