import { z } from 'zod';
import { err, ok, type Result } from '#libs/kernel';
import type { Finding, Findings } from './findings.js';
import { MAX_ROWS, type RawRow, type RawTable } from './raw-table.js';

const collectionSchema = z.looseObject({
  type: z.literal('FeatureCollection'),
  features: z.array(z.unknown()),
  crs: z.unknown().optional(),
});

const pointSchema = z.looseObject({
  type: z.literal('Point'),
  coordinates: z.tuple([z.number(), z.number()], z.unknown()),
});

const featureSchema = z.looseObject({
  type: z.literal('Feature'),
  id: z.union([z.string(), z.number()]).optional(),
  geometry: z.unknown(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

/** Point features as a table: their properties, and latitude and longitude from the geometry. */
export function parseGeoJson(text: string, groupSeparator: string, findings: Findings): Result<RawTable, Finding> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return err({ problem: `the file is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : ''}` });
  }
  const collection = collectionSchema.safeParse(json);
  if (!collection.success)
    return err({ problem: 'the file is not a GeoJSON FeatureCollection: export the lamps as one layer of points' });
  const { features, crs } = collection.data;
  const foreign = foreignReferenceSystem(crs);
  if (foreign !== undefined) {
    return err({
      column: 'crs',
      value: foreign,
      problem: 'positions must be WGS 84 (EPSG:4326): reproject the layer when exporting it',
    });
  }
  if (features.length > MAX_ROWS)
    return err({ problem: `the file has more than ${MAX_ROWS} features: import it in parts` });
  return ok(toTable(features, groupSeparator, findings));
}

/** The name of a coordinate reference system that is not WGS 84 in degrees; GIS still write the old "crs" member. */
function foreignReferenceSystem(crs: unknown): string | undefined {
  if (crs === undefined || crs === null) return undefined;
  const parsed = z.looseObject({ properties: z.looseObject({ name: z.string() }) }).safeParse(crs);
  const name = parsed.success ? parsed.data.properties.name : JSON.stringify(crs).slice(0, 100);
  return /(CRS84|EPSG:(:|\d+(\.\d+)*:)?4326)$/i.test(name) ? undefined : name;
}

function toTable(features: readonly unknown[], groupSeparator: string, findings: Findings): RawTable {
  const columns = new Map<string, number>([
    ['latitude', 0],
    ['longitude', 1],
  ]);
  const rows: RawRow[] = [];
  features.forEach((item, index) => {
    const line = index + 1;
    const feature = featureSchema.safeParse(item);
    if (!feature.success) return findings.add({ line, problem: 'is not a GeoJSON Feature' });
    const point = pointSchema.safeParse(feature.data.geometry);
    if (!point.success)
      return findings.add({ line, column: 'geometry', problem: 'must be a Point with a longitude and a latitude' });
    const [longitude, latitude] = point.data.coordinates;
    const cells = [String(latitude), String(longitude)];
    const properties = {
      ...(feature.data.id === undefined ? {} : { id: feature.data.id }),
      ...feature.data.properties,
    };
    for (const [name, value] of Object.entries(properties)) {
      // The geometry is where a lamp stands; some GIS repeat it, rounded, among the properties.
      if (name === 'latitude' || name === 'longitude') continue;
      const column = columns.get(name) ?? columns.size;
      columns.set(name, column);
      while (cells.length < column) cells.push('');
      cells[column] = asText(value, groupSeparator).trim();
    }
    rows.push({ line, cells });
  });
  return { format: 'geojson', columns: [...columns.keys()], rows };
}

function asText(value: unknown, groupSeparator: string): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => asText(item, groupSeparator)).join(groupSeparator);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value as string | number | boolean);
}
