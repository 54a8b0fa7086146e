import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApiUnderTest, LAMP, LAMP_TYPE, SITE } from './support/api-under-test.js';

/** What a lamp says, without what the database adds. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON, of which each test expects something else
const own = ({ createdAt: _c, updatedAt: _u, version: _v, ...lamp }: any): unknown => lamp;

describe('inventory export', () => {
  let api: ApiUnderTest;
  let number = 0;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    await api.post('/lamp-types', LAMP_TYPE);
  });
  afterAll(() => api.stop());

  async function newSite(): Promise<string> {
    number += 1;
    const address = `SITE-${number}`;
    await api.post('/sites', { ...SITE, address });
    for (const name of ['CAB-01', 'CAB-02']) await api.post(`/sites/${address}/cabinets`, { address: name, name });
    for (const name of ['CENTRE', 'NORTH']) await api.post(`/sites/${address}/groups`, { address: name, name });
    return address;
  }

  it('is CSV that a spreadsheet opens without running anything', async () => {
    const site = await newSite();
    await api.post(`/sites/${site}/lamps`, {
      ...LAMP,
      street: '=HYPERLINK("http://x")',
      pole: "'=1",
      circuit: '-3',
      groups: ['NORTH', 'CENTRE'],
    });
    const { text, headers } = await api.get(`/sites/${site}/inventory/export`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toContain(`${site}-lamps.csv`);
    expect(text.split('\r\n')).toEqual([
      'lamp,latitude,longitude,cabinet,circuit,phase,lampType,ratedPowerW,street,pole,device,groups,roadClass,mountingHeightM',
      `L-0001,47.7401,26.6655,CAB-01,'-3,,LED-57,57,"'=HYPERLINK(""http://x"")",''=1,L-0001,CENTRE;NORTH,,`,
      '',
    ]);
  });

  it('is GeoJSON for a GIS', async () => {
    const site = await newSite();
    await api.post(`/sites/${site}/lamps`, { ...LAMP, groups: ['NORTH'] });
    const { text, headers } = await api.get(`/sites/${site}/inventory/export?format=geojson`);
    expect(headers.get('content-type')).toBe('application/geo+json');
    expect(JSON.parse(text)).toMatchObject({
      type: 'FeatureCollection',
      features: [
        {
          geometry: { type: 'Point', coordinates: [26.6655, 47.7401] },
          properties: { lamp: 'L-0001', groups: ['NORTH'], cabinet: 'CAB-01' },
        },
      ],
    });
  });

  it('of an empty site is a file without lamps', async () => {
    const site = await newSite();
    expect((await api.get(`/sites/${site}/inventory/export`)).text.split('\r\n')).toHaveLength(2);
    expect(JSON.parse((await api.get(`/sites/${site}/inventory/export?format=geojson`)).text).features).toEqual([]);
  });

  const text = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.constantFrom("'=1", "''+", '@x', 'a;b', '"', "'", 'Ș, "ț"', '-', '1,5'),
    )

    .map((value) =>
      value
        .toWellFormed()
        .replace(/[\u0000-\u001f\u007f]/g, '')
        .trim(),
    )
    .filter((value) => value !== '');
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const lamp = fc.record({
    lampType: fc.constant('LED-57'),
    cabinet: optional(fc.constantFrom('CAB-01', 'CAB-02')),
    latitude: fc.double({ min: 47.6, max: 47.9, noNaN: true }),
    longitude: fc.double({ min: 26.5, max: 26.8, noNaN: true }),
    circuit: optional(text),
    phase: optional(fc.constantFrom('L1', 'L2', 'L3')),
    street: optional(text),
    pole: optional(text),
    device: fc.constantFrom('GW-1', 'GW-2'),
    roadClass: optional(fc.constantFrom('M4', 'P5')),
    mountingHeightM: optional(fc.double({ min: 0.1, max: 100, noNaN: true })),
    groups: fc.subarray(['CENTRE', 'NORTH']),
  });

  it.each(['csv', 'geojson'])(
    'imported again (%s) changes nothing, and into an empty site makes the same city',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(fc.array(lamp, { minLength: 1, maxLength: 6 }), async (lamps) => {
          const site = await newSite();
          for (const [index, data] of lamps.entries()) {
            expect((await api.post(`/sites/${site}/lamps`, { ...data, address: `L-${index}` })).status).toBe(201);
          }
          const before = (await api.get(`/sites/${site}/lamps`)).body;
          const file = (await api.get(`/sites/${site}/inventory/export?format=${format}`)).text;
          const again = await api.importFile(site, file);
          expect(again.body.lamps).toEqual({ created: 0, updated: 0, unchanged: lamps.length });
          expect((await api.get(`/sites/${site}/lamps`)).body).toEqual(before);
          const other = await newSite();
          expect((await api.importFile(other, file)).body.lamps.created).toBe(lamps.length);
          expect((await api.get(`/sites/${other}/lamps`)).body.items.map(own)).toEqual(before.items.map(own));
          expect((await api.get(`/sites/${other}/inventory/export?format=${format}`)).text).toBe(file);
        }),
        { numRuns: 15 },
      );
    },
  );
});
