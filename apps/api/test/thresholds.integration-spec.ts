import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_THRESHOLDS } from '#libs/faults';
import { lampThresholdsView } from '../src/faults/thresholds.schema.js';
import { ApiUnderTest } from './support/api-under-test.js';

describe('thresholds', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT', 2);
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: ['L-0001'] });
    await api.post('/sites/BT/groups/NORTH/lamps', { add: ['L-0001'] });
  });
  afterAll(() => api.stop());

  const read = async (lamp: string) =>
    lampThresholdsView.parse((await api.get(`/sites/BT/lamps/${lamp}/thresholds`)).body);
  const set = (path: string, thresholds: unknown) => api.patch(path, { thresholds });

  it('are the defaults until something is set', async () => {
    const { lamp, thresholds, sources } = await read('L-0001');
    expect([lamp, thresholds]).toEqual(['L-0001', DEFAULT_THRESHOLDS]);
    expect(new Set(Object.values(sources).map(({ kind }) => kind))).toEqual(new Set(['default']));
  });

  it('are merged figure by figure, and say where each comes from', async () => {
    const type = await set('/lamp-types/LED-57', { warmUpS: 300, temperatureHighC: 70, cyclesPerHour: 9 });
    expect(type.body.thresholds).toEqual({ warmUpS: 300, temperatureHighC: 70, cyclesPerHour: 9 });
    await set('/sites/BT/groups/CENTRE', { temperatureHighC: 75, powerFactorLow: 0.7, supplyVoltageHighV: 255 });
    await set('/sites/BT/groups/NORTH', { supplyVoltageHighV: 260 });
    const lamp = await set('/sites/BT/lamps/L-0001', { powerFactorLow: 0.6 });
    expect(lamp.body.thresholds).toEqual({ powerFactorLow: 0.6 });
    const { thresholds, sources } = await read('L-0001');
    expect(thresholds).toEqual({
      ...DEFAULT_THRESHOLDS,
      ...{ warmUpS: 300, cyclesPerHour: 9, temperatureHighC: 75, supplyVoltageHighV: 260, powerFactorLow: 0.6 },
    });
    expect(sources).toMatchObject({
      warmUpS: { kind: 'lampType', address: 'LED-57' },
      temperatureHighC: { kind: 'group', address: 'CENTRE' },
      supplyVoltageHighV: { kind: 'group', address: 'NORTH' },
      powerFactorLow: { kind: 'lamp', address: 'L-0001' },
      darkBelowPercent: { kind: 'default', address: null },
    });
    expect((await read('L-0002')).sources.temperatureHighC).toEqual({ kind: 'lampType', address: 'LED-57' });
    await set('/sites/BT/lamps/L-0001', {});
    expect((await read('L-0001')).sources.powerFactorLow).toEqual({ kind: 'group', address: 'CENTRE' });
  });

  it.each([
    [{ warmUpS: -1 }, '/thresholds/warmUpS', 'must be 0 or more'],
    [{ powerFactorLow: 80 }, '/thresholds/powerFactorLow', 'must be 1 or less'],
    [{ darkBelowPercent: '20' }, '/thresholds/darkBelowPercent', 'must be a number'],
    [{ darkBelow: 20 }, '/thresholds/darkBelow', 'is not known here: check the spelling'],
    [
      { supplyVoltageHighV: 230, supplyVoltageLowV: 240 },
      '/thresholds/supplyVoltageLowV',
      'must be less than supplyVoltageHighV',
    ],
  ])('refuse %j', async (thresholds, pointer, problem) => {
    for (const path of ['/lamp-types/LED-57', '/sites/BT/groups/CENTRE', '/sites/BT/lamps/L-0001']) {
      const { status, errors } = (await set(path, thresholds)).body;
      expect([status, errors]).toEqual([400, [{ pointer, problem }]]);
    }
  });

  it('come with a new lamp type, group and lamp', async () => {
    const thresholds = { warmUpS: 60 };
    const name = { name: 'X', thresholds };
    const type = await api.post('/lamp-types', { code: 'X', technology: 'HPS', ratedPowerW: 70, ...name });
    const group = await api.post('/sites/BT/groups', { address: 'X', ...name });
    const position = { latitude: 47.7, longitude: 26.6 };
    const lamp = await api.post('/sites/BT/lamps', { address: 'X', lampType: 'X', ...position, thresholds });
    for (const { status, body } of [type, group, lamp]) expect([status, body.thresholds]).toEqual([201, thresholds]);
  });

  it('of a lamp that does not exist are not there', async () => {
    expect((await api.get('/sites/BT/lamps/NO/thresholds')).status).toBe(404);
  });
});

describe('the supply of a cabinet', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.city('BT');
  });
  afterAll(() => api.stop());

  it('is permanent unless it is said to be switched', async () => {
    expect((await api.get('/sites/BT/cabinets/CAB-01')).body.supply).toBe('permanent');
    const changed = await api.patch('/sites/BT/cabinets/CAB-01', { supply: 'switched' });
    expect(changed.body).toMatchObject({ supply: 'switched', version: 2 });
    const created = await api.post('/sites/BT/cabinets', { address: 'N', name: 'N', supply: 'switched' });
    expect(created.body.supply).toBe('switched');
    expect((await api.patch('/sites/BT/cabinets/CAB-01', { supply: 'by day' })).body.errors).toEqual([
      { pointer: '/supply', problem: 'must be permanent or switched' },
    ]);
  });
});
