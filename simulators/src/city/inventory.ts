import type { City, SimulatedLamp } from './city.js';

/** The columns that the API's import expects when no mapping is given. */
export const INVENTORY_COLUMNS = [
  'lamp',
  'latitude',
  'longitude',
  'cabinet',
  'circuit',
  'phase',
  'lampType',
  'ratedPowerW',
  'street',
  'pole',
  'device',
  'groups',
  'roadClass',
  'mountingHeightM',
] as const;

/** The lamps of the city as CSV (RFC 4180); several groups of a lamp stand in one cell, separated by semicolons. */
export function inventoryCsv(city: City): string {
  const lines = city.lamps.map((lamp) => {
    const row = rowOf(city, lamp);
    return INVENTORY_COLUMNS.map((column) =>
      cell(column === 'groups' ? lamp.groups.join(';') : String(row[column])),
    ).join(',');
  });
  return `${[INVENTORY_COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

/** The lamps of the city as a GeoJSON FeatureCollection of points (RFC 7946). */
export function inventoryGeoJson(city: City): object {
  return {
    type: 'FeatureCollection',
    features: city.lamps.map((lamp) => {
      const { latitude, longitude, ...properties } = rowOf(city, lamp);
      return { type: 'Feature', geometry: { type: 'Point', coordinates: [longitude, latitude] }, properties };
    }),
  };
}

function rowOf(city: City, lamp: SimulatedLamp) {
  const {
    latitude,
    longitude,
    cabinet,
    circuit,
    phase,
    lampType,
    street,
    pole,
    device,
    groups,
    roadClass,
    mountingHeightM,
  } = lamp;
  const ratedPowerW = city.lampTypes.find(({ code }) => code === lampType)?.ratedPowerW ?? 0;
  return {
    lamp: lamp.address,
    latitude,
    longitude,
    cabinet,
    circuit,
    phase,
    lampType,
    ratedPowerW,
    street,
    pole,
    device,
    groups,
    roadClass,
    mountingHeightM,
  };
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
