import { describe, expect, it } from '@jest/globals';
import type { City } from './city.js';
import { generateCity } from './generate-city.js';
import { INVENTORY_COLUMNS, inventoryCsv, inventoryGeoJson } from './inventory.js';

const city = generateCity({ seed: 1, lamps: 50 });
const [first] = city.lamps;
if (first === undefined) throw new Error('the city has no lamps');

describe('the inventory', () => {
  it('is CSV with a header and a line for each lamp', () => {
    const lines = inventoryCsv(city).split('\r\n');
    expect(lines[0]).toBe(INVENTORY_COLUMNS.join(','));
    expect(lines).toHaveLength(52);
    expect(lines.at(-1)).toBe('');
    expect(lines[1]?.startsWith(`${first.address},${first.latitude},${first.longitude},${first.cabinet},`)).toBe(true);
  });

  it('quotes as RFC 4180 says, and separates groups by semicolons', () => {
    const odd: City = { ...city, lamps: [{ ...first, street: 'Strada "Mare", colț', groups: ['a', 'b'] }] };
    expect(inventoryCsv(odd)).toContain(',"Strada ""Mare"", colț",');
    expect(inventoryCsv(odd)).toContain(',a;b,');
  });

  it('is GeoJSON with longitude first and groups as a list', () => {
    const collection = inventoryGeoJson(city) as {
      type: string;
      features: { geometry: unknown; properties: Record<string, unknown> }[];
    };
    expect(collection.type).toBe('FeatureCollection');
    expect(collection.features).toHaveLength(50);
    expect(collection.features[0]?.geometry).toEqual({ type: 'Point', coordinates: [first.longitude, first.latitude] });
    expect(collection.features[0]?.properties).toMatchObject({
      lamp: first.address,
      device: first.device,
      groups: first.groups,
    });
  });
});
