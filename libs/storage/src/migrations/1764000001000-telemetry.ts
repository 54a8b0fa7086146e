import type { MigrationInterface, QueryRunner } from 'typeorm';
import { hasTimescale } from '../capability.js';

/** Readings (a hypertable where TimescaleDB is present), the newest state of each lamp, devices, their events, rejections. */
export class Telemetry1764000001000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE telemetry (
        lamp_id integer NOT NULL,
        time timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        sequence bigint,
        light_level_percent real,
        active_power_w real,
        supply_voltage_v real,
        supply_current_a real,
        power_factor real,
        active_energy_wh double precision,
        operating_hours double precision,
        switch_on_count bigint,
        temperature_c real,
        events text[],
        PRIMARY KEY (lamp_id, time)
      );
    `);
    if (await hasTimescale(db)) {
      // A day a chunk: 20,000 lamps at 15 minutes are 1.9 million rows, some 200 MB with the index: fits in memory.
      await db.query(
        `SELECT create_hypertable('telemetry', 'time', chunk_time_interval => INTERVAL '1 day', create_default_indexes => false)`,
      );
    }
    await db.query(`
      -- Readings arrive nearly in order of time, so a few bytes per range of pages find "everything since".
      CREATE INDEX telemetry_time ON telemetry USING brin (time) WITH (pages_per_range = 32);
      CREATE TABLE lamp_state (
        lamp_id integer PRIMARY KEY,
        time timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        sequence bigint,
        light_level_percent real,
        active_power_w real,
        supply_voltage_v real,
        supply_current_a real,
        power_factor real,
        active_energy_wh double precision,
        operating_hours double precision,
        switch_on_count bigint,
        temperature_c real,
        events text[]
      ) WITH (fillfactor = 50);
      CREATE TABLE device (
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        address text NOT NULL,
        online boolean NOT NULL,
        status_at timestamptz NOT NULL,
        firmware text,
        model text,
        reporting_interval_s integer,
        stores_program boolean,
        PRIMARY KEY (site_id, address)
      );
      CREATE TABLE device_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        device text NOT NULL,
        lamp_id integer,
        event text NOT NULL,
        active boolean NOT NULL,
        time timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        info text
      );
      CREATE UNIQUE INDEX device_event_once ON device_event (site_id, device, time, event, active, coalesce(lamp_id, 0));
      CREATE INDEX device_event_lamp ON device_event (lamp_id, time);
      CREATE TABLE rejection_count (
        day date NOT NULL,
        reason text NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (day, reason)
      );
      CREATE TABLE rejected_message (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        received_at timestamptz NOT NULL,
        reason text NOT NULL,
        detail text NOT NULL,
        topic text NOT NULL,
        payload bytea NOT NULL,
        payload_bytes integer NOT NULL
      );
      CREATE INDEX rejected_message_reason ON rejected_message (reason, id);
      CREATE TABLE ingest_presence (
        consumer text PRIMARY KEY,
        connected_until timestamptz NOT NULL
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP TABLE ingest_presence, rejected_message, rejection_count, device_event, device, lamp_state`);
    // A hypertable is dropped alone.
    await db.query(`DROP TABLE telemetry`);
  }
}
