import type { City } from '#simulators';
import type { Pool } from '../pool.js';

/** The inventory of a simulated city as site 1, without programs. */
export async function insertCity(pool: Pool, { site, lampTypes, cabinets, lamps }: City): Promise<void> {
  await pool.query(
    `INSERT INTO site (id, address, name, time_zone, latitude, longitude, co2_g_per_kwh) VALUES (1, $1, $2, $3, $4, $5, 260)`,
    [site.address, site.name, site.timeZone, site.latitude, site.longitude],
  );
  await pool.query(
    `INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
     SELECT code, code, 'LED', rated, standby, true, 10 FROM unnest($1::text[], $2::float8[], $3::float8[]) AS t (code, rated, standby)`,
    [
      lampTypes.map(({ code }) => code),
      lampTypes.map(({ ratedPowerW }) => ratedPowerW),
      lampTypes.map(({ standbyPowerW }) => standbyPowerW),
    ],
  );
  await pool.query(`INSERT INTO cabinet (site_id, address, name) SELECT 1, c, c FROM unnest($1::text[]) AS c`, [
    cabinets.map(({ address }) => address),
  ]);
  await pool.query(
    `INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude)
     SELECT 1, l.address, l.device, lamp_type.id, cabinet.id, l.latitude, l.longitude
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[])
       WITH ORDINALITY AS l (address, device, lamp_type, cabinet, latitude, longitude, place)
     JOIN lamp_type ON lamp_type.code = l.lamp_type JOIN cabinet ON cabinet.address = l.cabinet ORDER BY l.place`,
    (['address', 'device', 'lampType', 'cabinet', 'latitude', 'longitude'] as const).map((key) =>
      lamps.map((lamp) => lamp[key]),
    ),
  );
  const pairs = lamps.flatMap(({ address, groups }) => groups.map((group) => [address, group] as const));
  await pool.query(
    `INSERT INTO lamp_group (site_id, address, name) SELECT DISTINCT 1, g, g FROM unnest($1::text[]) AS g`,
    [pairs.map(([, group]) => group)],
  );
  await pool.query(
    `INSERT INTO lamp_group_member (group_id, lamp_id)
     SELECT lamp_group.id, lamp.id FROM unnest($1::text[], $2::text[]) AS pair (lamp, grouped)
     JOIN lamp ON lamp.address = pair.lamp JOIN lamp_group ON lamp_group.address = pair.grouped`,
    [pairs.map(([lamp]) => lamp), pairs.map(([, group]) => group)],
  );
}
