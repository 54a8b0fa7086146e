import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From when on a reading can have been made, so that one that has waited is not taken for news (docs/adr/0004). */
export class MadeAfter1764000017000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- By the right clock, for certain. Null: from a process that did not know of it.
      ALTER TABLE lamp_state ADD COLUMN made_after timestamptz;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE lamp_state DROP COLUMN made_after`);
  }
}
