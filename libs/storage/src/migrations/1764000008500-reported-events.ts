import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What devices say of themselves and their lamps now: of each event, the last word. */
export class ReportedEvents1764000008500 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE reported_event (
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        device text NOT NULL,
        -- 0: of the device itself.
        lamp_id integer NOT NULL,
        event text NOT NULL,
        active boolean NOT NULL,
        time timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        info text,
        PRIMARY KEY (site_id, device, lamp_id, event)
      );
      CREATE INDEX reported_event_active ON reported_event (site_id, event) WHERE active;
      CREATE INDEX reported_event_lamp ON reported_event (lamp_id) WHERE active;
      -- Also written by a process of the release before, which knows device_event only.
      CREATE FUNCTION note_reported_event() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO reported_event AS known (site_id, device, lamp_id, event, active, time, received_at, info)
          SELECT DISTINCT ON (site_id, device, coalesce(lamp_id, 0), event)
            site_id, device, coalesce(lamp_id, 0), event, active, time, received_at, info
          FROM written ORDER BY site_id, device, coalesce(lamp_id, 0), event, time DESC, active
          ON CONFLICT (site_id, device, lamp_id, event) DO UPDATE SET active = excluded.active, time = excluded.time,
            received_at = excluded.received_at, info = excluded.info
            -- Whoever stores it, in whatever order: of two at one instant the end counts.
            WHERE known.time < excluded.time OR known.time = excluded.time AND NOT excluded.active;
        RETURN NULL;
      END $$;
      CREATE TRIGGER device_event_noted AFTER INSERT ON device_event REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION note_reported_event();
      INSERT INTO reported_event
        SELECT DISTINCT ON (site_id, device, coalesce(lamp_id, 0), event)
          site_id, device, coalesce(lamp_id, 0), event, active, time, received_at, info
        FROM device_event ORDER BY site_id, device, coalesce(lamp_id, 0), event, time DESC, active;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'DROP TRIGGER device_event_noted ON device_event; DROP FUNCTION note_reported_event(); DROP TABLE reported_event;',
    );
  }
}
