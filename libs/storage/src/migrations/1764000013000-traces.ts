import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From a fault back to the reading that showed it and the message that brought it (docs/operations/tracing.md). */
export class Traces1764000013000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- The id under which ingest logs a message; null: from before there were any.
      ALTER TABLE lamp_state ADD COLUMN message_id text;
      ALTER TABLE device_event ADD COLUMN message_id text;
      -- The reading by which it was decided; null where none was: silence, people.
      ALTER TABLE fault_history ADD COLUMN reading_at timestamptz, ADD COLUMN message_id text;
      -- For pruning.
      CREATE INDEX device_event_age ON device_event USING brin (received_at) WITH (pages_per_range = 32);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP INDEX device_event_age;
      ALTER TABLE fault_history DROP COLUMN reading_at, DROP COLUMN message_id;
      ALTER TABLE device_event DROP COLUMN message_id;
      ALTER TABLE lamp_state DROP COLUMN message_id;
    `);
  }
}
