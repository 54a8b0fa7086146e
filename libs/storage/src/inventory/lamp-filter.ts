import { likeLiteral, type SqlParameters } from './sql-parameters.js';

/** Which lamps of a site are meant. Everything that is given has to hold. */
export interface LampFilter {
  readonly cabinet?: string | undefined;
  readonly group?: string | undefined;
  readonly lampType?: string | undefined;
  readonly device?: string | undefined;
  /** Part of the street's name, in any case of letters. */
  readonly street?: string | undefined;
  readonly roadClass?: string | undefined;
  /** Degrees; a box over the 180th meridian has minLongitude > maxLongitude. */
  readonly box?: BoundingBox | undefined;
}

export interface BoundingBox {
  readonly minLongitude: number;
  readonly minLatitude: number;
  readonly maxLongitude: number;
  readonly maxLatitude: number;
}

/** Conditions on `lamp l LEFT JOIN cabinet c JOIN lamp_type t`, joined with AND. */
export function lampConditions(filter: LampFilter, parameters: SqlParameters): string[] {
  const conditions: string[] = [];
  const equal = (column: string, value: string | undefined): void => {
    if (value !== undefined) conditions.push(`${column} = ${parameters.add(value)}`);
  };
  equal('c.address', filter.cabinet);
  equal('t.code', filter.lampType);
  equal('l.device', filter.device);
  equal('l.road_class', filter.roadClass);
  if (filter.street !== undefined) {
    conditions.push(`l.street ILIKE ${parameters.add(`%${likeLiteral(filter.street)}%`)}`);
  }
  if (filter.group !== undefined) {
    conditions.push(
      `EXISTS (SELECT 1 FROM lamp_group_member m JOIN lamp_group g ON g.id = m.group_id
                WHERE m.lamp_id = l.id AND g.site_id = l.site_id AND g.address = ${parameters.add(filter.group)})`,
    );
  }
  if (filter.box !== undefined) conditions.push(...boxConditions(filter.box, parameters));
  return conditions;
}

function boxConditions(box: BoundingBox, parameters: SqlParameters): string[] {
  const west = `l.longitude >= ${parameters.add(box.minLongitude)}`;
  const east = `l.longitude <= ${parameters.add(box.maxLongitude)}`;
  return [
    `l.latitude BETWEEN ${parameters.add(box.minLatitude)} AND ${parameters.add(box.maxLatitude)}`,
    box.minLongitude <= box.maxLongitude ? `${west} AND ${east}` : `(${west} OR ${east})`,
  ];
}
