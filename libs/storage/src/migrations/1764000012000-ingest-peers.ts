import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ingest processes that divide the messages know of each other: one that is gone is found by the others. */
export class IngestPeers1764000012000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE ingest_peer (
        consumer text PRIMARY KEY,
        -- Its shared subscription.
        share text NOT NULL,
        -- By the database's clock; of one that is gone: when its session was last looked after.
        alive_at timestamptz NOT NULL,
        -- Who empties its session.
        drained_by text
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE ingest_peer');
  }
}
