import type { Pool } from '#libs/storage';

/** A site with `lamps` lamps L-0…, each its own device but the first hundred, which GW-1 speaks for. */
export async function insertSmallCity(pool: Pool, lamps: number): Promise<void> {
  await pool.query(`
    INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('oulu', 'Oulu', 'Europe/Helsinki', 65.01, 25.47);
    INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES ('LED-57', 'LED 57 W', 'LED', 57, 0.4, true, 10);
    INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude)
      SELECT 1, 'L-' || n, CASE WHEN n < 100 THEN 'GW-1' ELSE 'L-' || n END, 1, 65.01, 25.47 FROM generate_series(0, ${lamps - 1}) AS n;
  `);
}
