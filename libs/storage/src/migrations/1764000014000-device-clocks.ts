import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far devices' clocks are off, so that a wrong one is known at once and its readings are still the newest (docs/adr/0004). */
export class DeviceClocks1764000014000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- For certain, when it sent the newest reading; positive: ahead. Null: the device does not say what its clock shows.
      ALTER TABLE lamp_state ADD COLUMN clock_offset_s double precision;
      COMMENT ON COLUMN lamp_watch.judged_at IS 'When the reading was received that was judged last';
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`ALTER TABLE lamp_state DROP COLUMN clock_offset_s`);
  }
}
