import type { MigrationInterface, QueryRunner } from 'typeorm';

/** With what devices come to the broker. */
export class DeviceCredentials1764000008000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- One password for each device; the user name is made of the addresses of site and device.
      CREATE TABLE device_credential (
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        device text NOT NULL,
        -- As Mosquitto's password file has it: PBKDF2 with SHA-512, never the password itself.
        password_hash text NOT NULL CHECK (password_hash ~ '^\\$7\\$\\d+\\$[A-Za-z0-9+/=]+\\$[A-Za-z0-9+/=]+$'),
        created_at timestamptz NOT NULL,
        -- When the password was made that holds now.
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (site_id, device)
      );
      CREATE FUNCTION notify_device_credential() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('device_credential_changed', '');
        RETURN NULL;
      END $$;
      CREATE TRIGGER device_credential_changed AFTER INSERT OR UPDATE OR DELETE ON device_credential
        FOR EACH STATEMENT EXECUTE FUNCTION notify_device_credential();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE device_credential; DROP FUNCTION notify_device_credential();');
  }
}
