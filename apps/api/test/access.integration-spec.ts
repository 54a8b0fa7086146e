import { readFileSync } from 'node:fs';
import { Controller, Get } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLE_NAMES, type Role } from '#libs/identity';
import { AccessCheck } from '../src/access/access-check.js';
import { Access, Public } from '../src/access/access.decorator.js';
import { accessPage } from '../src/access/access-table.js';
import { ANONYMOUS, ApiUnderTest, LAMP, lampAddress } from './support/api-under-test.js';
import { storeFault } from './support/faults.js';

interface Row {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly needs: string;
  readonly where: string;
  readonly roles: readonly string[];
}

const PAGE = 'docs/security/access.md';

/** The routes as the page tells people: what is tested is the promise, not the code behind it. */
function promised(): Row[] {
  const page = readFileSync(PAGE, 'utf8');
  return page
    .slice(page.indexOf('## Routes'))
    .split('\n')
    .flatMap((line) => {
      const [, method, path, needs = '', where = '', roles = ''] =
        /^\| `([A-Z]+) (\/[^`]+)` \| (.*?) \| (.*?) \| (.*?) \|$/.exec(line) ?? [];
      if (method === undefined || path === undefined) return [];
      const named = roles === 'all' || roles === 'everybody' ? ROLE_NAMES : roles.split(', ');
      return [{ method: method as Row['method'], path, needs, where, roles: named }];
    });
}

describe('the page on who may do what', () => {
  let api: ApiUnderTest;
  const people = new Map<Role, Record<string, string>>();

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('OWN', 1);
    await api.city('OTHER', 1);
    for (const role of ROLE_NAMES) people.set(role, await api.as(role, [{ role, site: 'OWN', group: null }]));
  }, 60_000);
  afterAll(() => api.stop());

  it('is what the routes declare', () => {
    expect(accessPage(api.provided(AccessCheck).routes())).toBe(readFileSync(PAGE, 'utf8'));
    expect(promised().length).toBeGreaterThan(100);
  });

  const rows = promised();
  const ask = (row: Row, site: string, headers: Record<string, string>) => {
    // What the other parts name does not exist: only who may come is asked here, and nothing is changed.
    const path = row.path.replace(':site', site).replace(/:[a-zA-Z]+/g, 'x1') + (namesSite(row) ? `?site=${site}` : '');
    return api.call(row.method, path.startsWith('/api/v1') ? path.slice(7) : `/${path}`, undefined, headers);
  };
  const namesSite = ({ where }: Row) => where.includes('`site=`');

  it.each(rows)('$method $path: asks who one is', async (row) => {
    const { status, body, headers } = await ask(row, 'OWN', ANONYMOUS);
    if (row.needs.startsWith('public')) {
      expect([401, 403]).not.toContain(status);
      return;
    }
    expect([status, body.type]).toEqual([401, 'urn:felinar:problem:unauthorized']);
    expect(headers.get('www-authenticate')).toContain('Bearer');
    expect((await ask(row, 'OWN', { authorization: `Bearer fela_${'x'.repeat(43)}` })).status).toBe(401);
  });

  it.each(rows.filter(({ path }) => !path.endsWith('/sessions/current')))(
    '$method $path: lets in whom the page says, in the own site and no other',
    async (row) => {
      for (const [role, headers] of people) {
        const { status, body } = await ask(row, 'OWN', headers);
        const isAllowed = row.roles.includes(role) && row.where !== 'all sites';
        if (isAllowed)
          expect([role, status === 401 || status === 403 || status >= 500, status]).toEqual([role, false, status]);
        else expect([role, status, body.type]).toEqual([role, 403, 'urn:felinar:problem:forbidden']);
        if (!row.path.includes(':site') && !namesSite(row)) continue;
        const other = await ask(row, 'OTHER', headers);
        expect([role, other.status, other.body.detail]).toEqual([role, 404, 'There is no site OTHER']);
      }
      // Whoever has all sites may do everything.
      expect([401, 403]).not.toContain((await ask(row, 'OWN', { authorization: api.authorization })).status);
    },
  );
});

describe('a grant for a group', () => {
  let api: ApiUnderTest;
  let headers: Record<string, string>;
  let faults: { inside: number; outside: number; device: number; shared: number };
  const status = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
    (await api.call(method, path, body, headers)).status;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 4);
    await api.city('OTHER', 1);
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: [lampAddress(1), lampAddress(2)] });
    await api.post('/sites/BT/groups/NORTH/lamps', { add: [lampAddress(2), lampAddress(3)] });
    await api.patch('/sites/BT/lamps/L-0001', { device: 'GW-IN' });
    await api.patch('/sites/BT/lamps/L-0002', { device: 'GW-SHARED' });
    await api.patch('/sites/BT/lamps/L-0003', { device: 'GW-SHARED' });
    faults = {
      inside: await storeFault(api, { lamp: 'L-0001' }),
      outside: await storeFault(api, { lamp: 'L-0003' }),
      device: await storeFault(api, { device: 'GW-IN' }),
      shared: await storeFault(api, { device: 'GW-SHARED' }),
    };
    headers = await api.as('operator', [{ role: 'operator', site: 'BT', group: 'CENTRE' }]);
  });
  afterAll(() => api.stop());

  it('shows the site, the group and its lamps, and nothing else of the city', async () => {
    expect((await api.get('/sites', headers)).body.items.map(({ address }: { address: string }) => address)).toEqual([
      'BT',
    ]);
    for (const path of ['', '/groups/CENTRE', '/groups/CENTRE/energy', '/lamps/L-0001', '/lamps/L-0002/state'])
      expect([path, await status('GET', `/sites/BT${path}`)]).toEqual([path, 200]);
    for (const path of ['telemetry', 'energy', 'level', 'schedule', 'schedule/year', 'thresholds'])
      expect([path, await status('GET', `/sites/BT/lamps/L-0001/${path}`)]).not.toEqual([path, 403]);
    for (const path of [
      '/lamps/L-0003',
      '/lamps/L-0004/state',
      '/lamps/NOWHERE',
      '/groups/NORTH',
      '/groups',
      '/cabinets',
      '/tariffs',
    ])
      expect([path, await status('GET', `/sites/BT${path}`)]).toEqual([path, 403]);
    for (const path of [
      '/programs',
      '/overrides',
      '/command-batches',
      '/reports/availability',
      '/inventory/export',
      '/rollouts',
    ])
      expect([path, await status('GET', `/sites/BT${path}`)]).toEqual([path, 403]);
  });

  it.each(['lamps', 'lamp-states', 'lamp-levels', 'faults', 'energy'])(
    'lists %s of the group when it is named',
    async (list) => {
      const whole = await api.get(`/sites/BT/${list}`, headers);
      expect([whole.status, whole.body.detail]).toEqual([403, expect.stringContaining('group=CENTRE')]);
      expect(await status('GET', `/sites/BT/${list}?group=NORTH`)).toBe(403);
      expect(await status('GET', `/sites/BT/${list}?group=CENTRE&group=NORTH`)).toBe(403);
      expect(await status('GET', `/sites/BT/${list}?group=CENTRE`)).toBe(200);
    },
  );

  it('commands the group or lamps of it, follows and releases that', async () => {
    const override = (target: unknown) => ({ target, levelPercent: 50, expiresAt: '2026-11-24T13:00:00Z' });
    const post = (target: unknown) => api.post('/sites/BT/overrides', override(target), headers);
    for (const target of [
      { kind: 'site' },
      { kind: 'cabinet', address: 'CAB-01' },
      { kind: 'group', address: 'NORTH' },
      { kind: 'lamps', addresses: ['L-0001', 'L-0003'] },
      { kind: 'lamps', addresses: ['L-0001', 'L-9999'] },
      { kind: 'lamps', addresses: [] },
      { kind: 'lamps', addresses: [['L-0001']] },
      { kind: 'lamps', addresses: 'L-0001' },
      undefined,
      'group',
    ])
      expect([target, (await post(target)).status]).toEqual([target, 403]);
    const theirs = (await api.post('/sites/BT/overrides', override({ kind: 'site' }))).body;
    for (const target of [
      { kind: 'group', address: 'CENTRE' },
      { kind: 'lamps', addresses: ['L-0002'] },
    ]) {
      const made = await post(target);
      expect(made.status).toBe(202);
      const { id, batches } = made.body;
      expect(await status('GET', `/sites/BT/overrides/${id}`)).toBe(200);
      expect(await status('GET', `/sites/BT/command-batches/${batches[0]}`)).toBe(200);
      expect(await status('GET', `/sites/BT/command-batches/${batches[0]}/commands`)).toBe(200);
      expect(await status('POST', `/sites/BT/overrides/${id}/release`)).toBe(202);
    }
    expect(await status('GET', `/sites/BT/overrides/${theirs.id}`)).toBe(403);
    expect(await status('POST', `/sites/BT/overrides/${theirs.id}/release`)).toBe(403);
    expect(await status('POST', `/sites/BT/command-batches/${theirs.batches[0]}/cancel`)).toBe(403);
    expect(await status('GET', `/sites/BT/command-batches/x/events`)).toBe(403);
  });

  it('works on faults of the lamps, and of devices that speak for no other lamps', async () => {
    const statuses = async (path: string) =>
      Promise.all(Object.values(faults).map((id) => status('GET', `/sites/BT/faults/${id}${path}`)));
    expect(await statuses('')).toEqual([200, 403, 200, 403]);
    expect(await statuses('/history')).toEqual([200, 403, 200, 403]);
    expect(await status('POST', `/sites/BT/faults/${faults.inside}/acknowledge`)).toBe(200);
    expect(await status('POST', `/sites/BT/faults/${faults.outside}/acknowledge`)).toBe(403);
    expect(await status('GET', `/sites/BT/faults/${faults.inside}/members`)).toBe(403);
    expect(await status('GET', '/sites/BT/faults/1%20OR%201=1')).toBe(403);
  });

  it('cannot widen itself, and ends with the group', async () => {
    expect(await status('PUT', '/sites/BT/groups/CENTRE/lamps/L-0003')).toBe(403);
    expect(await status('POST', '/sites/BT/lamps', { ...LAMP, address: 'L-9', groups: ['CENTRE'] })).toBe(403);
    expect(await status('GET', '/sites/OTHER/groups/CENTRE')).toBe(404);
    expect((await api.delete('/sites/BT/groups/CENTRE')).status).toBe(204);
    expect(await status('GET', '/sites/BT')).toBe(404);
    expect((await api.get('/me', headers)).body).toMatchObject({ grants: [], sites: [] });
  });
});

describe('a route that does not say who may use it', () => {
  @Controller('sites/:site/secrets')
  class Forgetful {
    @Get()
    @Access('lighting.read')
    said(): string {
      return '';
    }

    @Get('open')
    forgotten(): string {
      return '';
    }

    @Get('lamp')
    @Access('lighting.read', 'lamp')
    impossible(): string {
      return '';
    }

    @Get('all')
    @Access('lighting.read', 'anywhere')
    careless(): string {
      return '';
    }

    @Get('why')
    @Public(' ')
    silent(): string {
      return '';
    }
  }

  it('keeps the API from starting, and is named', async () => {
    const building = Test.createTestingModule({
      controllers: [Forgetful],
      providers: [AccessCheck, DiscoveryService, MetadataScanner],
    }).compile();
    const app = (await building).createNestApplication();
    await expect(app.init()).rejects.toThrow(
      [
        'The API does not start:',
        'GET /api/v1/sites/:site/secrets/all (careless) has a site in its path, but does not heed it (anywhere)',
        'GET /api/v1/sites/:site/secrets/lamp (impossible) reaches through lamp, but has no :lamp in its path',
        'GET /api/v1/sites/:site/secrets/open (forgotten) does not say who may use it: add @Access, @SignedIn or @Public',
        'GET /api/v1/sites/:site/secrets/why (silent) does not say why',
      ].join('\n  '),
    );
  });
});
