import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cabinetPage, cabinetView } from '../src/cabinets/cabinet.schema.js';
import { groupPage, groupView } from '../src/groups/group.schema.js';
import { lampTypePage, lampTypeView } from '../src/lamp-types/lamp-type.schema.js';
import { lampPage, lampView } from '../src/lamps/lamp.schema.js';
import { sitePage, siteView } from '../src/sites/site.schema.js';
import { tariffPage, tariffView } from '../src/tariffs/tariff.schema.js';
import { ApiUnderTest, LAMP, lampAddress, SITE } from './support/api-under-test.js';

describe('resources', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 5);
  });
  afterAll(() => api.stop());

  describe('an administrator keeps sites', () => {
    it('creates one, reads it, changes it, deletes it', async () => {
      const created = await api.post('/sites', { ...SITE, address: 'OULU', timeZone: 'Europe/Helsinki' });
      expect(created.status).toBe(201);
      expect(created.headers.get('location')).toBe('/api/v1/sites/OULU');
      expect(created.headers.get('etag')).toBe('"1"');
      expect(siteView.parse(created.body)).toMatchObject({ address: 'OULU', version: 1 });
      const changed = await api.patch('/sites/OULU', { co2GPerKwh: null }, { 'if-match': '"1"' });
      expect(changed.body).toMatchObject({ co2GPerKwh: null, version: 2 });
      expect((await api.get('/sites/OULU')).body).toEqual(changed.body);
      expect((await api.get('/sites/OULU', { 'if-none-match': '"2"', 'cache-control': 'max-age=0' })).status).toBe(304);
      expect((await api.delete('/sites/OULU', { 'if-match': '"1"' })).status).toBe(412);
      expect((await api.delete('/sites/OULU')).status).toBe(204);
      expect((await api.get('/sites/OULU')).status).toBe(404);
    });

    it('is refused a second site of the same address, and a site that is not empty stays', async () => {
      expect((await api.post('/sites', SITE)).body).toMatchObject({
        status: 409,
        detail: 'There is a site BT already',
      });
      expect((await api.delete('/sites/BT')).body).toMatchObject({
        status: 409,
        detail: expect.stringContaining('Site BT still has 5 lamps, 2 cabinets, 2 groups'),
      });
    });

    it.each([
      ['a time zone that does not exist', { timeZone: 'Europe/Botosani' }, '/timeZone'],
      ['an offset for a time zone', { timeZone: '+02:00' }, '/timeZone'],
      ['a latitude beyond the pole', { latitude: 90.1 }, '/latitude'],
      ['a name of nothing but blanks', { name: '   ' }, '/name'],
      ['a NUL in the name', { name: 'a\u0000b' }, '/name'],
      ['a property it does not know', { colour: 'red' }, '/colour'],
      ['an address with a slash', { address: 'A/B' }, '/address'],
      ['a number as a text', { latitude: '47' }, '/latitude'],
    ])('is refused %s', async (_, change, pointer) => {
      const answer = await api.post('/sites', { ...SITE, address: 'NEW', ...change });
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual([{ pointer, problem: expect.any(String) }]);
    });
  });

  describe('a lighting engineer keeps lamps', () => {
    it('creates, reads, changes, and takes out of service', async () => {
      const created = await api.post('/sites/BT/lamps', {
        ...LAMP,
        address: 'NEW',
        groups: ['CENTRE'],
        street: ' Unirii ',
      });
      expect(created.status).toBe(201);
      expect(lampView.parse(created.body)).toMatchObject({
        device: 'NEW',
        street: 'Unirii',
        groups: ['CENTRE'],
        phase: null,
      });
      const moved = await api.patch(
        '/sites/BT/lamps/NEW',
        { cabinet: 'CAB-02', groups: ['NORTH'] },
        { 'if-match': '"1"' },
      );
      expect(moved.body).toMatchObject({ cabinet: 'CAB-02', groups: ['NORTH'], version: 2, street: 'Unirii' });
      expect((await api.patch('/sites/BT/lamps/NEW', { cabinet: null }, { 'if-match': '"1"' })).body).toMatchObject({
        status: 412,
        detail: expect.stringContaining('at version 2 by now'),
      });
      expect((await api.patch('/sites/BT/lamps/NEW', { groups: [] })).body).toMatchObject({ groups: [], version: 3 });
      expect((await api.patch('/sites/BT/lamps/NEW', { groups: [] })).body.version).toBe(3);
      expect((await api.delete('/sites/BT/lamps/NEW')).status).toBe(204);
      expect((await api.get('/sites/BT/lamps/NEW')).body).toMatchObject({
        status: 404,
        detail: expect.stringContaining('its telemetry and energy stay readable'),
      });
      expect((await api.delete('/sites/BT/lamps/NEW')).status).toBe(404);
    });

    it('gives the address of a removed lamp to a new one', async () => {
      await api.post('/sites/BT/lamps', { ...LAMP, address: 'AGAIN' });
      await api.delete('/sites/BT/lamps/AGAIN');
      expect((await api.post('/sites/BT/lamps', { ...LAMP, address: 'AGAIN' })).body.version).toBe(1);
      expect((await api.post('/sites/BT/lamps', { ...LAMP, address: 'AGAIN' })).status).toBe(409);
      await api.delete('/sites/BT/lamps/AGAIN');
    });

    it('is told of everything that a lamp refers to and that does not exist', async () => {
      const answer = await api.post('/sites/BT/lamps', {
        ...LAMP,
        address: 'X',
        lampType: 'NO',
        cabinet: 'NO',
        groups: ['CENTRE', 'NO'],
      });
      expect(answer.status).toBe(422);
      expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
        '/lampType',
        '/cabinet',
        '/groups/1',
      ]);
    });

    it('walks through the pages of a list without missing or repeating a lamp', async () => {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body } = await api.get(`/sites/BT/lamps?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
        seen.push(...lampPage.parse(body).items.map((lamp) => lamp.address));
        cursor = body.nextCursor as string | null;
      }
      expect(seen).toEqual([1, 2, 3, 4, 5].map(lampAddress));
    });

    it('filters by cabinet, group, type, device, street, class and box', async () => {
      await api.patch('/sites/BT/lamps/L-0002', {
        street: 'Bd. 100% Eminescu',
        roadClass: 'M4',
        device: 'GW-1',
        groups: ['NORTH'],
        latitude: 47.76,
      });
      const found = async (query: string): Promise<string[]> =>
        (await api.get(`/sites/BT/lamps?${query}`)).body.items.map((lamp: { address: string }) => lamp.address);
      for (const query of [
        'street=eminescu',
        'street=100%25',
        'roadClass=M4',
        'device=GW-1',
        'group=NORTH',
        'bbox=26,47.75,27,48',
      ]) {
        expect([query, await found(query)]).toEqual([query, ['L-0002']]);
      }
      expect(await found('street=%25%25')).toEqual([]);
      expect(await found('cabinet=CAB-02')).toEqual([]);
      expect(await found('cabinet=CAB-01&lampType=LED-57&bbox=179,-90,30,90')).toHaveLength(5);
    });

    it.each([
      ['limit=0', 'query/limit'],
      ['limit=1001', 'query/limit'],
      ['limit=1e3', 'query/limit'],
      ['limit=', 'query/limit'],
      ['limit=5&limit=6', 'query/limit'],
      ['cursor=nonsense', 'query/cursor'],
      ['cursor=WzFd', 'query/cursor'],
      ['bbox=1,2,3', 'query/bbox'],
      ['bbox=1,91,2,92', 'query/bbox'],
      ['bbox=1,5,2,4', 'query/bbox'],
      ['street=%00', 'query/street'],
      ['cabinet=a/b', 'query/cabinet'],
      ['cabinets=CAB-01', 'query/cabinets'],
      ['filter[cabinet]=CAB-01', 'query/filter[cabinet]'],
    ])('is refused the query %s', async (query, pointer) => {
      const answer = await api.get(`/sites/BT/lamps?${query}`);
      expect(answer.status).toBe(400);
      expect(answer.body.errors).toEqual([{ pointer, problem: expect.any(String) }]);
    });
  });

  it('keeps lamp types: creates, changes, refuses to delete one that lamps have', async () => {
    const created = await api.post('/lamp-types', {
      code: 'HPS-150',
      name: 'Sodium',
      technology: 'HPS',
      ratedPowerW: 169,
      dimmable: false,
    });
    expect(lampTypeView.parse(created.body)).toMatchObject({ code: 'HPS-150', standbyPowerW: 0, minLevelPercent: 0 });
    expect(created.headers.get('location')).toBe('/api/v1/lamp-types/HPS-150');
    expect((await api.patch('/lamp-types/HPS-150', { ratedPowerW: 170 }, { 'if-match': '"1"' })).body.version).toBe(2);
    expect((await api.delete('/lamp-types/HPS-150')).status).toBe(204);
    expect((await api.delete('/lamp-types/LED-57')).body.detail).toMatch(/^Lamp type LED-57 still has 5 lamps/);
    expect(
      (await api.post('/lamp-types', { code: 'X', name: 'X', technology: 'LED', ratedPowerW: 1e308 })).status,
    ).toBe(400);
    lampTypePage.parse((await api.get('/lamp-types')).body);
  });

  it('keeps cabinets: creates, changes, refuses to delete one that feeds lamps', async () => {
    const created = await api.post('/sites/BT/cabinets', {
      address: 'CAB-09',
      name: 'PT 9',
      latitude: 47.74,
      longitude: 26.66,
    });
    expect(cabinetView.parse(created.body)).toMatchObject({ lampCount: 0 });
    expect((await api.patch('/sites/BT/cabinets/CAB-09', { latitude: 47.75 })).status).toBe(400);
    expect(
      (await api.patch('/sites/BT/cabinets/CAB-09', { latitude: null, longitude: null })).body.latitude,
    ).toBeNull();
    expect((await api.delete('/sites/BT/cabinets/CAB-09')).status).toBe(204);
    expect((await api.delete('/sites/BT/cabinets/CAB-01')).body).toMatchObject({
      status: 409,
      detail: 'Cabinet CAB-01 still has 5 lamps: move them first',
    });
    expect((await api.post('/sites/BT/cabinets', { address: 'CAB-01', name: 'again' })).status).toBe(409);
    cabinetPage.parse((await api.get('/sites/BT/cabinets')).body);
  });

  it('keeps groups and who is in them', async () => {
    expect(
      groupView.parse((await api.post('/sites/BT/groups', { address: 'OLD', name: 'Old town' })).body).lampCount,
    ).toBe(0);
    const change = await api.post('/sites/BT/groups/OLD/lamps', { add: ['L-0001', 'L-0002', 'L-0001'] });
    expect(change.body).toEqual({ added: 2, removed: 0, lampCount: 2 });
    expect((await api.put('/sites/BT/groups/OLD/lamps/L-0003')).status).toBe(204);
    expect((await api.put('/sites/BT/groups/OLD/lamps/L-0003')).status).toBe(204);
    expect((await api.delete('/sites/BT/groups/OLD/lamps/L-0001')).status).toBe(204);
    expect((await api.get('/sites/BT/lamps?group=OLD')).body.items).toHaveLength(2);
    const refused = await api.post('/sites/BT/groups/OLD/lamps', { add: ['L-0004', 'NO-1'], remove: ['L-0002'] });
    expect(refused.body).toMatchObject({ status: 422, errors: [{ pointer: '/add/1' }] });
    expect((await api.get('/sites/BT/groups/OLD')).body.lampCount).toBe(2);
    expect((await api.put('/sites/BT/groups/OLD/lamps/NO-1')).status).toBe(404);
    expect((await api.patch('/sites/BT/groups/OLD', { name: 'Older town' })).body.version).toBe(2);
    expect((await api.delete('/sites/BT/groups/OLD')).status).toBe(204);
    expect((await api.get('/sites/BT/lamps')).body.items).toHaveLength(5);
    groupPage.parse((await api.get('/sites/BT/groups')).body);
  });

  it('keeps tariffs by the day on which they begin', async () => {
    const band = { name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', pricePerKwh: 0.11 };
    const tariff = { name: '2026', currency: 'EUR', basePricePerKwh: 0.18, bands: [band] };
    const created = await api.put('/sites/BT/tariffs/2026-01-01', tariff);
    expect(created.status).toBe(201);
    expect(tariffView.parse(created.body)).toMatchObject({ validFrom: '2026-01-01', bands: [band] });
    const replaced = await api.put('/sites/BT/tariffs/2026-01-01', { ...tariff, bands: [] }, { 'if-match': '"1"' });
    expect([replaced.status, replaced.body.version]).toEqual([200, 2]);
    expect((await api.put('/sites/BT/tariffs/2026-01-01', tariff, { 'if-match': '"1"' })).status).toBe(412);
    expect((await api.put('/sites/BT/tariffs/2026-02-30', tariff)).body.errors[0].pointer).toBe('path/validFrom');
    const bad = await api.put('/sites/BT/tariffs/2026-07-01', {
      ...tariff,
      currency: 'euro',
      bands: [{ ...band, from: '25:00', weekdays: [] }],
    });
    expect(bad.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/currency',
      '/bands/0/weekdays',
      '/bands/0/from',
    ]);
    expect(tariffPage.parse((await api.get('/sites/BT/tariffs')).body).items).toHaveLength(1);
    expect((await api.delete('/sites/BT/tariffs/2026-01-01')).status).toBe(204);
    expect((await api.delete('/sites/BT/tariffs/2026-01-01')).status).toBe(404);
    sitePage.parse((await api.get('/sites')).body);
  });
});
