import type { MigrationInterface, QueryRunner } from 'typeorm';
import { detectCapability } from '../capability.js';

/**
 * Tiers: the older, the coarser (docs/adr/0010-tiers.md). Energy is booked into days of each lamp and hours of each site beside the hours
 * of each lamp. The other measures are averaged by hour and by day: by views here; applyTiers puts continuous aggregates under
 * them where the licence allows, and Felinar keeps what the views would lose when readings are dropped.
 */
export class Tiers1764000007000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    const capability = await detectCapability(db);
    await db.query(`
      CREATE TABLE lamp_energy_daily (
        lamp_id integer NOT NULL,
        -- On the calendar of the site.
        day date NOT NULL,
        energy_wh double precision NOT NULL,
        PRIMARY KEY (lamp_id, day)
      );
      CREATE TABLE site_energy_hourly (
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        hour timestamptz NOT NULL,
        energy_wh double precision NOT NULL,
        PRIMARY KEY (site_id, hour)
      ) WITH (fillfactor = 50);
      -- What a tier no longer has: everything earlier than this. Moved before anything is dropped.
      CREATE TABLE tier_bound (
        tier text PRIMARY KEY,
        dropped_until timestamptz NOT NULL DEFAULT '-infinity'
      );
      INSERT INTO tier_bound (tier) VALUES
        ('telemetry'), ('telemetry_hourly'), ('telemetry_daily'), ('lamp_energy_hourly'), ('lamp_energy_daily');
      -- Averages of readings and of hours that have been dropped, where no continuous aggregate holds them.
      CREATE TABLE telemetry_hourly_kept (${keptColumns('hour')});
      CREATE TABLE telemetry_daily_kept (${keptColumns('utc_day')});
    `);
    if (capability !== 'postgres') {
      // 20,000 lamps make 3.6 million rows in half a year: a chunk of some 300 MB.
      await db.query(`
        SELECT create_hypertable('lamp_energy_daily', 'day', chunk_time_interval => INTERVAL '180 days', create_default_indexes => false);
        SELECT create_hypertable('telemetry_hourly_kept', 'hour', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);
        SELECT create_hypertable('telemetry_daily_kept', 'utc_day', chunk_time_interval => INTERVAL '90 days', create_default_indexes => false);
      `);
    } else {
      // Where time_bucket cannot tell the planner which readings an hour is made of, an index of a few pages does.
      await db.query(`CREATE INDEX telemetry_hour ON telemetry USING brin (${PLAIN_HOUR}) WITH (pages_per_range = 32)`);
    }
    await db.query(`
      CREATE INDEX lamp_energy_daily_day ON lamp_energy_daily USING brin (day) WITH (pages_per_range = 32);
      CREATE INDEX telemetry_hourly_kept_hour ON telemetry_hourly_kept USING brin (hour) WITH (pages_per_range = 32);
      -- For pruning: what is old stands together, and what goes with a fault is found.
      CREATE INDEX lamp_command_age ON lamp_command USING brin (created_at) WITH (pages_per_range = 32);
      CREATE INDEX used_link_fault ON used_link (fault_id);
      CREATE INDEX telemetry_daily_kept_day ON telemetry_daily_kept USING brin (utc_day) WITH (pages_per_range = 32);
      INSERT INTO lamp_energy_daily (lamp_id, day, energy_wh)
        SELECT booked.lamp_id, (booked.hour AT TIME ZONE rule.time_zone)::date, sum(booked.energy_wh)
        FROM lamp_energy_hourly AS booked JOIN lamp_energy_rule AS rule ON rule.lamp_id = booked.lamp_id GROUP BY 1, 2;
      INSERT INTO site_energy_hourly (site_id, hour, energy_wh)
        SELECT rule.site_id, booked.hour, sum(booked.energy_wh)
        FROM lamp_energy_hourly AS booked JOIN lamp_energy_rule AS rule ON rule.lamp_id = booked.lamp_id GROUP BY 1, 2;

      -- What sums of days are made from: a day may stand in it twice and more, booked and live.
      CREATE VIEW energy_daily_part AS
        SELECT lamp_id, day, energy_wh FROM lamp_energy_daily
        UNION ALL
        SELECT live.lamp_id, (live.hour AT TIME ZONE rule.time_zone)::date, live.energy_wh
        FROM energy_live AS live JOIN lamp_energy_rule AS rule ON rule.lamp_id = live.lamp_id;
      CREATE OR REPLACE VIEW energy_daily AS
        SELECT lamp_id, day, sum(energy_wh) AS energy_wh FROM energy_daily_part GROUP BY lamp_id, day;
      CREATE VIEW site_energy_part AS
        SELECT site_id, hour, energy_wh FROM site_energy_hourly
        UNION ALL
        SELECT rule.site_id, live.hour, live.energy_wh
        FROM energy_live AS live JOIN lamp_energy_rule AS rule ON rule.lamp_id = live.lamp_id;
    `);
    await db.query(ordinaryMeasureViews(capability === 'postgres' ? PLAIN_HOUR : BUCKET_HOUR));
    await db.query(`
      -- Least, mean and greatest value of each measure of a lamp in an hour of UTC, and in a day of UTC.
      CREATE VIEW telemetry_hourly AS SELECT lamp_id, hour, readings, ${publicColumns()} FROM telemetry_hourly_part;
      CREATE VIEW telemetry_daily AS SELECT lamp_id, utc_day, readings, ${publicColumns()} FROM telemetry_daily_part;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP VIEW telemetry_daily, telemetry_hourly, telemetry_daily_part, telemetry_hourly_part;
      CREATE OR REPLACE VIEW energy_daily AS
        SELECT part.lamp_id, (part.hour AT TIME ZONE site.time_zone)::date AS day, sum(part.energy_wh) AS energy_wh
        FROM energy_part AS part JOIN lamp ON lamp.id = part.lamp_id JOIN site ON site.id = lamp.site_id
        GROUP BY part.lamp_id, day;
      DROP VIEW site_energy_part, energy_daily_part;
      DROP INDEX IF EXISTS telemetry_hour;
      DROP INDEX lamp_command_age, used_link_fault;
      DROP TABLE site_energy_hourly, tier_bound;
    `);
    // Continuous aggregates and hypertables are dropped one by one.
    for (const name of ['telemetry_daily_aggregate', 'telemetry_hourly_aggregate'])
      await db.query(`DROP MATERIALIZED VIEW IF EXISTS ${name}`);
    for (const name of ['lamp_energy_daily', 'telemetry_hourly_kept', 'telemetry_daily_kept'])
      await db.query(`DROP TABLE ${name}`);
  }
}

/** Measures that go up and down. The registers are energy's, and the newest of them stand in lamp_state. */
const GAUGES = [
  'light_level_percent',
  'active_power_w',
  'supply_voltage_v',
  'supply_current_a',
  'power_factor',
  'temperature_c',
] as const;

/** Start of a reading's hour: the second tells the planner of TimescaleDB which chunks an hour can be in. */
export const PLAIN_HOUR = `date_bin('1 hour', time, '2000-01-01 00:00:00+00')`;
export const BUCKET_HOUR = `time_bucket('1 hour', time)`;

const columnsOf = (each: (gauge: string) => string): string => GAUGES.map(each).join(', ');

/** What a tier holds for each measure: sums and counts, since averages of averages are none. */
function keptColumns(bucket: string): string {
  return `
    lamp_id integer NOT NULL, ${bucket} timestamptz NOT NULL, readings bigint NOT NULL,
    ${columnsOf((gauge) => `${gauge}_min real, ${gauge}_max real, ${gauge}_sum double precision, ${gauge}_n bigint NOT NULL`)},
    PRIMARY KEY (lamp_id, ${bucket})`;
}

/** The columns that hold the measures, in the order of `hourColumns` and `dayColumns`. */
export const MEASURE_COLUMNS = columnsOf((gauge) => `${gauge}_min, ${gauge}_max, ${gauge}_sum, ${gauge}_n`);

/** Readings to an hour. */
export function hourColumns(hour: string): string {
  return `lamp_id, ${hour} AS hour, count(*) AS readings, ${columnsOf(
    (gauge) =>
      `min(${gauge}) AS ${gauge}_min, max(${gauge}) AS ${gauge}_max, sum(${gauge}::float8) AS ${gauge}_sum, count(${gauge}) AS ${gauge}_n`,
  )}`;
}

/** Hours to a day of UTC. */
export function dayColumns(day: string): string {
  return `lamp_id, ${day} AS utc_day, sum(readings)::bigint AS readings, ${columnsOf(
    (gauge) =>
      `min(${gauge}_min) AS ${gauge}_min, max(${gauge}_max) AS ${gauge}_max, sum(${gauge}_sum) AS ${gauge}_sum, sum(${gauge}_n)::bigint AS ${gauge}_n`,
  )}`;
}

function publicColumns(): string {
  return columnsOf(
    (gauge) => `${gauge}_min, (${gauge}_sum / nullif(${gauge}_n, 0))::double precision AS ${gauge}_avg, ${gauge}_max`,
  );
}

export const PLAIN_DAY = `date_bin('1 day', hour, '2000-01-01 00:00:00+00')`;
const boundOf = (tier: string) => `(SELECT dropped_until FROM tier_bound WHERE tier = '${tier}')`;

/** What is kept of dropped readings, and the rest computed when it is asked for. */
export function ordinaryMeasureViews(hour: string): string {
  return `
    CREATE OR REPLACE VIEW telemetry_hourly_part AS
      SELECT lamp_id, hour, readings, ${MEASURE_COLUMNS} FROM telemetry_hourly_kept
      UNION ALL
      SELECT ${hourColumns(hour)} FROM telemetry WHERE time >= ${boundOf('telemetry')} GROUP BY lamp_id, ${hour};
    CREATE OR REPLACE VIEW telemetry_daily_part AS
      SELECT lamp_id, utc_day, readings, ${MEASURE_COLUMNS} FROM telemetry_daily_kept
      UNION ALL
      SELECT ${dayColumns(PLAIN_DAY)} FROM telemetry_hourly_part WHERE hour >= ${boundOf('telemetry_hourly')}
      GROUP BY lamp_id, ${PLAIN_DAY};`;
}

/** The same answers from continuous aggregates. Kept rows are from the time before the database had them: before `sinceIso`. */
export function aggregateMeasureViews(sinceIso: string): string {
  return `
    CREATE OR REPLACE VIEW telemetry_hourly_part AS
      SELECT lamp_id, hour, readings, ${MEASURE_COLUMNS} FROM telemetry_hourly_kept
      UNION ALL
      SELECT lamp_id, hour, readings, ${MEASURE_COLUMNS} FROM telemetry_hourly_aggregate WHERE hour >= '${sinceIso}';
    CREATE OR REPLACE VIEW telemetry_daily_part AS
      SELECT lamp_id, utc_day, readings, ${MEASURE_COLUMNS} FROM telemetry_daily_kept
      UNION ALL
      SELECT ${dayColumns(PLAIN_DAY)} FROM telemetry_hourly_kept WHERE hour >= ${boundOf('telemetry_hourly')}
      GROUP BY lamp_id, ${PLAIN_DAY}
      UNION ALL
      SELECT lamp_id, utc_day, readings, ${MEASURE_COLUMNS} FROM telemetry_daily_aggregate WHERE utc_day >= '${sinceIso}';`;
}

/** Definitions of the continuous aggregates: hours from readings, days from hours; what is not materialized yet is computed. */
export const HOURLY_AGGREGATE = `
  CREATE MATERIALIZED VIEW telemetry_hourly_aggregate
  WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT ${hourColumns(BUCKET_HOUR)} FROM telemetry GROUP BY lamp_id, ${BUCKET_HOUR} WITH NO DATA`;
export const DAILY_AGGREGATE = `
  CREATE MATERIALIZED VIEW telemetry_daily_aggregate
  WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT ${dayColumns(`time_bucket('1 day', hour)`)} FROM telemetry_hourly_aggregate
    GROUP BY lamp_id, time_bucket('1 day', hour) WITH NO DATA`;
