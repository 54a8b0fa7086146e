/** Columns of a lamp that an inventory file can carry, under the names of the API. */
const LAMP_COLUMNS = {
  device: 'device',
  lampType: 'lamp_type_id',
  cabinet: 'cabinet_id',
  circuit: 'circuit',
  phase: 'phase',
  latitude: 'latitude',
  longitude: 'longitude',
  street: 'street',
  pole: 'pole',
  roadClass: 'road_class',
  mountingHeightM: 'mounting_height_m',
} as const;

export type ImportedColumn = keyof typeof LAMP_COLUMNS | 'groups';

/** The staged lamps with ids in place of names. $1 is the site. */
const RESOLVED = `
  SELECT i.address, coalesce(i.device, i.address) AS device, t.id AS lamp_type_id, c.id AS cabinet_id, i.circuit, i.phase,
         i.latitude, i.longitude, i.street, i.pole, i.road_class, i.mounting_height_m
    FROM imported_lamp i
    LEFT JOIN lamp_type t ON t.code = i.lamp_type
    LEFT JOIN cabinet c ON c.site_id = $1 AND c.address = i.cabinet`;

const IN_SERVICE = `l.site_id = $1 AND l.removed_at IS NULL AND l.address = i.address`;

const CREATE_STAGE = `
  CREATE TEMPORARY TABLE imported_lamp (
    address text PRIMARY KEY, device text, lamp_type text, cabinet text, circuit text, phase text,
    latitude double precision, longitude double precision, street text, pole text, road_class text,
    mounting_height_m double precision, groups text
  ) ON COMMIT DROP;
  CREATE TEMPORARY TABLE regrouped_lamp (id integer PRIMARY KEY) ON COMMIT DROP`;

const FILL_STAGE = `
  INSERT INTO imported_lamp
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[],
                       $9::text[], $10::text[], $11::text[], $12::float8[], $13::text[])`;

const FIND_REGROUPED = `
  INSERT INTO regrouped_lamp
  SELECT l.id FROM imported_lamp i JOIN lamp l ON ${IN_SERVICE}
   WHERE ARRAY(SELECT m.group_id FROM lamp_group_member m WHERE m.lamp_id = l.id ORDER BY 1) IS DISTINCT FROM
         ARRAY(SELECT g.id FROM lamp_group g
                WHERE g.site_id = $1 AND g.address = ANY(string_to_array(i.groups, ';')) ORDER BY 1)`;

const INSERT_LAMPS = `
  INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, circuit, phase, latitude, longitude, street, pole,
                    road_class, mounting_height_m)
  SELECT $1::int, i.* FROM (${RESOLVED}) i WHERE NOT EXISTS (SELECT 1 FROM lamp l WHERE ${IN_SERVICE})
  RETURNING 1`;

const LEAVE_GROUPS = `
  DELETE FROM lamp_group_member m USING imported_lamp i, lamp l, lamp_group g
   WHERE ${IN_SERVICE} AND m.lamp_id = l.id AND g.id = m.group_id AND g.address <> ALL(string_to_array(i.groups, ';'))`;

const JOIN_GROUPS = `
  INSERT INTO lamp_group_member (lamp_id, group_id)
  SELECT l.id, g.id FROM imported_lamp i JOIN lamp l ON ${IN_SERVICE}
    JOIN lamp_group g ON g.site_id = $1 AND g.address = ANY(string_to_array(i.groups, ';'))
  ON CONFLICT DO NOTHING`;

const PLACE_CABINETS = `
  UPDATE cabinet c SET latitude = m.latitude, longitude = m.longitude, updated_at = now(), version = c.version + 1
    FROM (SELECT cabinet_id, avg(latitude) AS latitude, avg(longitude) AS longitude
            FROM lamp WHERE site_id = $1 AND removed_at IS NULL GROUP BY cabinet_id) m
   WHERE m.cabinet_id = c.id AND c.latitude IS NULL AND c.longitude IS NULL
     AND c.address IN (SELECT cabinet FROM imported_lamp)`;

function updateLamps(carried: ReadonlySet<ImportedColumn>): string {
  const columns = [...carried].flatMap((column) => (column === 'groups' ? [] : [LAMP_COLUMNS[column]]));
  const sets = [...columns.map((name) => `${name} = i.${name}`), 'updated_at = now()', 'version = l.version + 1'];
  const differs = columns.map((name) => `l.${name} IS DISTINCT FROM i.${name}`);
  return `
    UPDATE lamp l SET ${sets.join(', ')} FROM (${RESOLVED}) i
     WHERE ${IN_SERVICE} AND (${[...differs, 'l.id IN (SELECT id FROM regrouped_lamp)'].join(' OR ')})
    RETURNING 1`;
}

/** The statements of an import, in the order in which they run. */
export function importSql(carried: ReadonlySet<ImportedColumn>) {
  return {
    createLampTypes: `
      INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      SELECT code, code, 'LED', power, 0, true, 0 FROM unnest($1::text[], $2::float8[]) AS given (code, power)
      ON CONFLICT DO NOTHING RETURNING code AS key`,
    createCabinets: `
      INSERT INTO cabinet (site_id, address, name) SELECT $1::int, * FROM unnest($2::text[], $3::text[])
      ON CONFLICT DO NOTHING RETURNING address AS key`,
    createGroups: `
      INSERT INTO lamp_group (site_id, address, name) SELECT $1::int, * FROM unnest($2::text[], $3::text[])
      ON CONFLICT DO NOTHING RETURNING address AS key`,
    createStage: CREATE_STAGE,
    fillStage: FILL_STAGE,
    findRegrouped: FIND_REGROUPED,
    updateLamps: updateLamps(carried),
    insertLamps: INSERT_LAMPS,
    leaveGroups: LEAVE_GROUPS,
    joinGroups: JOIN_GROUPS,
    placeCabinets: PLACE_CABINETS,
  };
}
