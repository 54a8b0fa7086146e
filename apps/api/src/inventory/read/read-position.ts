import type { ColumnPlan, Source } from './column-plan.js';
import type { Findings } from './findings.js';
import type { Mapping } from './mapping.schema.js';
import type { RawRow } from './raw-table.js';
import { readNumber, readPair } from './read-number.js';

export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}
export interface Place extends Position {
  readonly address: string;
}

/** A lamp that is farther from the centre of its site is a mistake in the coordinates. */
const FAR_KM = 100;

/** Distance over the sphere, km. */
export function distanceKm(a: Position, b: Position): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const h =
    Math.sin(radians(b.latitude - a.latitude) / 2) ** 2 +
    Math.cos(radians(a.latitude)) *
      Math.cos(radians(b.latitude)) *
      Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 12_742 * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Where the lamp stands; undefined when the row does not say, or says it wrongly (then findings say why). */
export function readPosition(
  row: RawRow,
  plan: ColumnPlan,
  mapping: Mapping,
  site: Place,
  findings: Findings,
): Position | undefined {
  const both = plan.sources.get('coordinates');
  const position = both === undefined ? fromTwo(row, plan, mapping, findings) : fromOne(row, both, mapping, findings);
  if (position === undefined) return undefined;
  const problem = implausible(position, site);
  if (problem === undefined) return position;
  findings.add({
    line: row.line,
    column: both?.name ?? `${plan.sources.get('latitude')?.name}, ${plan.sources.get('longitude')?.name}`,
    value: `${position.latitude}, ${position.longitude}`,
    problem,
  });
  return undefined;
}

function implausible(position: Position, site: Place): string | undefined {
  const inRange = Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180;
  const distance = inRange ? distanceKm(position, site) : Infinity;
  if (distance <= FAR_KM) return undefined;
  const swapped = { latitude: position.longitude, longitude: position.latitude };
  if (Math.abs(swapped.latitude) <= 90 && distanceKm(swapped, site) <= FAR_KM) {
    return 'latitude and longitude look swapped: exchange the two columns in the mapping';
  }
  if (!inRange)
    return 'is not a position in degrees (WGS 84, EPSG:4326): reproject projected coordinates when exporting the file';
  return `is ${Math.round(distance)} km from the centre of site ${site.address} (${site.latitude}, ${site.longitude}): correct it, or the position of the site`;
}

function fromTwo(row: RawRow, plan: ColumnPlan, mapping: Mapping, findings: Findings): Position | undefined {
  const [latitude, longitude] = (['latitude', 'longitude'] as const).map((field) => {
    const source = plan.sources.get(field);
    return source === undefined ? undefined : degrees(row, source, mapping, findings);
  });
  return latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
}

function degrees(row: RawRow, source: Source, mapping: Mapping, findings: Findings): number | undefined {
  const text = source.read(row);
  const value = readNumber(text, mapping.decimalComma);
  if (value === undefined) {
    findings.add({
      line: row.line,
      column: source.name,
      value: text,
      problem: text === '' ? 'is empty: every lamp needs a position' : 'is not a number of degrees, such as 47.7401',
    });
  }
  return value;
}

function fromOne(row: RawRow, source: Source, mapping: Mapping, findings: Findings): Position | undefined {
  const text = source.read(row);
  const pair = readPair(text, mapping.decimalComma);
  if (pair === undefined) {
    findings.add({
      line: row.line,
      column: source.name,
      value: text,
      problem: 'must hold two numbers of degrees, such as 47.7401, 26.6655',
    });
    return undefined;
  }
  const [first, second] = pair;
  return mapping.coordinateOrder === 'lonLat'
    ? { latitude: second, longitude: first }
    : { latitude: first, longitude: second };
}
