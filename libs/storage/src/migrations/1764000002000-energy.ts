import type { MigrationInterface, QueryRunner } from 'typeorm';
import { hasTimescale } from '../capability.js';

/** Energy booked from registers, hour by hour, and the views that everybody reads. See docs/adr/0003-energy-from-registers.md. */
export class Energy1764000002000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE lamp_energy_hourly (
        lamp_id integer NOT NULL,
        hour timestamptz NOT NULL,
        energy_wh double precision NOT NULL,
        PRIMARY KEY (lamp_id, hour)
      );
    `);
    if (await hasTimescale(db)) {
      // 20,000 lamps make 3.4 million rows in a week: a chunk of some 350 MB with its index.
      await db.query(
        `SELECT create_hypertable('lamp_energy_hourly', 'hour', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false)`,
      );
    }
    await db.query(`
      -- booked_until: every pair of readings whose second one is earlier is booked. fence: readings earlier than it that come
      -- now are marked in energy_late; ahead of booked_until only while a booking is under way or was interrupted.
      CREATE TABLE energy_booking (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        booked_until timestamptz NOT NULL,
        fence timestamptz NOT NULL CHECK (fence >= booked_until)
      );
      INSERT INTO energy_booking (booked_until, fence) VALUES ('-infinity', '-infinity');
      CREATE TABLE lamp_register (
        lamp_id integer PRIMARY KEY,
        time timestamptz NOT NULL,
        active_energy_wh double precision NOT NULL
      );
      CREATE TABLE energy_late (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        lamp_id integer NOT NULL,
        time timestamptz NOT NULL
      );

      -- registerDelta of libs/energy/src/register.ts; keep the two alike.
      CREATE FUNCTION register_delta_wh(from_wh float8, to_wh float8, between_s float8, plausible_w float8)
        RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE
          WHEN (CASE WHEN to_wh >= from_wh THEN to_wh - from_wh ELSE to_wh END) < 1e-9 THEN 0
          WHEN to_wh >= from_wh AND to_wh - from_wh <= 1000 + plausible_w * between_s / 3600 THEN to_wh - from_wh
          WHEN to_wh < from_wh AND to_wh <= 1000 + plausible_w * between_s / 3600 THEN to_wh
          ELSE 0
        END
      $$;

      CREATE VIEW lamp_energy_rule AS
        SELECT lamp.id AS lamp_id, lamp.site_id, site.time_zone, greatest(100, 2 * lamp_type.rated_power_w) AS plausible_w
        FROM lamp JOIN site ON site.id = lamp.site_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id;

      -- Pairs of readings that are not booked yet, spread over local hours.
      CREATE VIEW energy_live AS
        SELECT pair.lamp_id, hours.hour,
          register_delta_wh(from_wh, to_wh, extract(epoch FROM to_time - from_time)::float8, rule.plausible_w)
            * extract(epoch FROM least(to_time, hours.hour + interval '1 hour') - greatest(from_time, hours.hour))::float8
            / extract(epoch FROM to_time - from_time)::float8 AS energy_wh
        FROM (
          SELECT lamp_id, time AS to_time, active_energy_wh AS to_wh,
            lag(time) OVER by_time AS from_time, lag(active_energy_wh) OVER by_time AS from_wh
          FROM (
            SELECT lamp_id, time, active_energy_wh FROM telemetry
            WHERE time >= (SELECT booked_until FROM energy_booking) AND active_energy_wh IS NOT NULL
            UNION ALL
            SELECT lamp_id, time, active_energy_wh FROM lamp_register
          ) AS reading
          WINDOW by_time AS (PARTITION BY lamp_id ORDER BY time)
        ) AS pair
        JOIN lamp_energy_rule AS rule ON rule.lamp_id = pair.lamp_id
        CROSS JOIN LATERAL generate_series(
          date_trunc('hour', from_time, rule.time_zone), to_time - interval '1 microsecond', interval '1 hour'
        ) AS hours (hour)
        WHERE from_time IS NOT NULL;

      -- What sums are made from: an hour may stand in it twice, booked and live.
      CREATE VIEW energy_part AS
        SELECT lamp_id, hour, energy_wh FROM lamp_energy_hourly
        UNION ALL
        SELECT lamp_id, hour, energy_wh FROM energy_live;

      CREATE VIEW energy_hourly AS
        SELECT lamp_id, hour, sum(energy_wh) AS energy_wh FROM energy_part GROUP BY lamp_id, hour;

      CREATE VIEW energy_daily AS
        SELECT part.lamp_id, (part.hour AT TIME ZONE site.time_zone)::date AS day, sum(part.energy_wh) AS energy_wh
        FROM energy_part AS part JOIN lamp ON lamp.id = part.lamp_id JOIN site ON site.id = lamp.site_id
        GROUP BY part.lamp_id, day;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP VIEW energy_daily, energy_hourly, energy_part, energy_live, lamp_energy_rule;
      DROP FUNCTION register_delta_wh(float8, float8, float8, float8);
      DROP TABLE energy_late, lamp_register, energy_booking;
    `);
    // A hypertable is dropped alone.
    await db.query(`DROP TABLE lamp_energy_hourly`);
  }
}
