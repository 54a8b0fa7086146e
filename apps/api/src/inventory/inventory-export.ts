import { stringify } from 'csv-stringify/sync';
import type { LampRow } from '#libs/storage';
import { FIELDS, type Field } from './read/mapping.schema.js';
import { guardFormula } from './read/formula-guard.js';

/** What the columns of an export hold. */
function valuesOf(lamp: LampRow): Record<Field, string | number | null | readonly string[]> {
  return { ...lamp, lamp: lamp.address };
}

function csvCell(value: string | number | null | readonly string[]): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return guardFormula(typeof value === 'string' ? value : value.join(';'));
}

/** CSV in pieces, with our own column names. */
export async function* exportCsv(pages: AsyncIterable<LampRow[]>): AsyncGenerator<string> {
  yield `${FIELDS.join(',')}\r\n`;
  for await (const page of pages) {
    yield stringify(
      page.map((lamp) => {
        const values = valuesOf(lamp);
        return FIELDS.map((field) => csvCell(values[field]));
      }),
      { record_delimiter: 'windows' },
    );
  }
}

/** A GeoJSON FeatureCollection in pieces, with our own names as properties. */
export async function* exportGeoJson(pages: AsyncIterable<LampRow[]>): AsyncGenerator<string> {
  yield '{"type":"FeatureCollection","features":[';
  let separator = '\n';
  for await (const page of pages) {
    const features = page.map((lamp) => {
      const { latitude, longitude, ...properties } = valuesOf(lamp);
      const own = Object.fromEntries(
        FIELDS.flatMap((field) => (field in properties ? [[field, properties[field as 'lamp']]] : [])),
      );
      return JSON.stringify({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [longitude, latitude] },
        properties: own,
      });
    });
    yield separator + features.join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
}
