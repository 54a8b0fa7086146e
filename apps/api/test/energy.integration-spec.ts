import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiUnderTest, lampAddress } from './support/api-under-test.js';

const HOUR_MS = 3_600_000;
/** 1 June 2026, 18:00 in Botoșani. */
const START = Date.parse('2026-06-01T15:00:00Z');

describe('energy', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    api.nowMs = START + 10 * HOUR_MS + 1_000_000;
    await api.city('BT', 3);
    await api.patch(`/sites/BT/lamps/${lampAddress(3)}`, { cabinet: 'CAB-02' });
    await api.post('/sites/BT/groups/CENTRE/lamps', { add: [lampAddress(1), lampAddress(3)], remove: [] });
    // Lamp n draws n × 10 W for ten hours.
    await api.database.query(
      `INSERT INTO telemetry (lamp_id, time, received_at, active_energy_wh)
       SELECT id, to_timestamp($1::float8 / 1000) + make_interval(hours => h), now(), 1000 + 10 * id * h
       FROM lamp, generate_series(0, 10) AS h`,
      [START],
    );
  });

  afterAll(() => api.stop());

  const period = `from=${new Date(START).toISOString()}&to=${new Date(START + 10 * HOUR_MS).toISOString()}`;
  const energy = async (query: string, path = 'energy') => (await api.get(`/sites/BT/${path}?${period}${query}`)).body;

  it('of a site, a cabinet, a group and a lamp', async () => {
    const of = async (query: string, path?: string) => (await energy(query, path)).totals.energyKwh;
    expect(await of('')).toBeCloseTo(0.6, 9);
    expect(await of('', 'cabinets/CAB-02/energy')).toBeCloseTo(0.3, 9);
    expect(await of('', 'groups/CENTRE/energy')).toBeCloseTo(0.4, 9);
    expect(await of('', `lamps/${lampAddress(2)}/energy`)).toBeCloseTo(0.2, 9);
    expect(await of('&group=CENTRE&cabinet=CAB-02')).toBeCloseTo(0.3, 9);
  });

  it('by hour, day and month adds up to the same', async () => {
    for (const [by, rows] of [
      ['hour', 10],
      ['day', 2],
      ['month', 1],
    ] as const) {
      const answer = await energy(`&by=${by}`);
      expect(answer.rows).toHaveLength(rows);
      const sum = answer.rows.reduce((total: number, row: { energyKwh: number }) => total + row.energyKwh, 0);
      expect(sum).toBeCloseTo(0.6, 6);
    }
    const days = await energy('&by=day&groupBy=cabinet');
    expect(days.rows.map(({ key, start, energyKwh }: Record<string, unknown>) => [key, start, energyKwh])).toEqual([
      ['CAB-01', '2026-05-31T21:00:00.000Z', expect.closeTo(0.18, 6)],
      ['CAB-01', '2026-06-01T21:00:00.000Z', expect.closeTo(0.12, 6)],
      ['CAB-02', '2026-05-31T21:00:00.000Z', expect.closeTo(0.18, 6)],
      ['CAB-02', '2026-06-01T21:00:00.000Z', expect.closeTo(0.12, 6)],
    ]);
  });

  it('has its CO2 from the site’s factor, and no cost before there is a tariff', async () => {
    expect((await energy('')).totals).toMatchObject({
      co2Kg: expect.closeTo(0.6 * 0.265, 6),
      cost: null,
      currency: null,
    });
  });

  it('costs what the bands of the tariff say', async () => {
    const night = { name: 'night', weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:30', to: '06:00', pricePerKwh: 0.1 };
    const put = await api.put('/sites/BT/tariffs/2026-01-01', {
      currency: 'EUR',
      basePricePerKwh: 0.2,
      bands: [night],
    });
    expect(put.status).toBe(201);
    const { totals } = await energy('');
    // 18:00 to 22:30 at the base price, 22:30 to 04:00 at night: 60 W all along.
    expect(totals).toMatchObject({ currency: 'EUR', cost: expect.closeTo(0.06 * (4.5 * 0.2 + 5.5 * 0.1), 6) });
    expect(totals.bands).toEqual([
      { band: 'base', energyKwh: expect.closeTo(0.27, 6), cost: expect.closeTo(0.054, 6), currency: 'EUR' },
      { band: 'night', energyKwh: expect.closeTo(0.33, 6), cost: expect.closeTo(0.033, 6), currency: 'EUR' },
    ]);
  });

  it('keeps counting lamps that have been removed', async () => {
    expect((await api.delete(`/sites/BT/lamps/${lampAddress(2)}`)).status).toBe(204);
    expect((await energy('')).totals.energyKwh).toBeCloseTo(0.6, 9);
  });

  it('is of the last seven days when no period is named', async () => {
    const { body } = await api.get('/sites/BT/energy');
    expect(body).toMatchObject({ from: '2026-05-25T21:00:00.000Z', to: '2026-06-02T02:00:00.000Z' });
    expect(body.totals.energyKwh).toBeCloseTo(0.6, 9);
  });

  it.each([
    ['a period that begins within an hour', 'from=2026-06-01T15:30:00Z&to=2026-06-02', 'query/from'],
    ['an empty period', 'from=2026-06-02&to=2026-06-01', 'query/to'],
    ['decades', 'from=1990-01-01&to=2026-01-01', 'query/from'],
    ['a day that does not exist', 'from=2026-02-30', 'query/from'],
    ['an unknown bucket', 'by=week', 'query/by'],
    ['a misspelt parameter', 'form=2026-06-01', 'query/form'],
  ])('refuses %s, and says where', async (_name, query, pointer) => {
    const answer = await api.get(`/sites/BT/energy?${query}`);
    expect(answer.status === 400 || answer.status === 422).toBe(true);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('refuses a tariff that cannot be', async () => {
    const band = { name: 'night', weekdays: [1], from: '22:07', to: '06:00', pricePerKwh: 0.1 };
    const answer = await api.put('/sites/BT/tariffs/2026-02-01', {
      currency: 'EUR',
      basePricePerKwh: 0.2,
      bands: [band, band],
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual(
      expect.arrayContaining(['/bands/0/from', '/bands/1/name']),
    );
  });
});
