import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ways to the crews, what is delivered through them, and the links in their messages. */
export class Alerts1764000005000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE crew_channel (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        serial bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        crew_id integer NOT NULL REFERENCES crew ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('email', 'webhook')),
        -- Email address or URL.
        target text NOT NULL,
        -- Signs webhooks.
        secret text CHECK ((secret IS NOT NULL) = (kind = 'webhook')),
        minimum_severity text NOT NULL CHECK (minimum_severity IN ('critical', 'major', 'minor', 'warning')),
        -- Which of opened, reopened, cleared, escalated.
        events jsonb NOT NULL,
        -- listed: the groups and cabinets in crew_channel_area.
        area_kind text NOT NULL CHECK (area_kind IN ('site', 'listed')),
        -- When low severities may come, on the clocks of the site: [{"weekdays": [1], "from": "07:00", "to": "16:00"}]; none: always.
        hours jsonb NOT NULL DEFAULT '[]',
        -- HH:MM on the clocks of the site.
        digest_at text,
        -- Minutes by severity after which what nobody has acknowledged comes here: {"critical": 30}; null: nothing does.
        escalation_after_min jsonb,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1
      );
      CREATE INDEX crew_channel_crew ON crew_channel (crew_id, serial);
      CREATE INDEX crew_channel_site ON crew_channel (site_id);
      -- What a channel is about cannot be deleted from under it: it would fall silent without a word.
      CREATE TABLE crew_channel_area (
        channel_id uuid NOT NULL REFERENCES crew_channel ON DELETE CASCADE,
        group_id integer REFERENCES lamp_group,
        cabinet_id integer REFERENCES cabinet,
        CHECK (num_nonnulls(group_id, cabinet_id) = 1)
      );
      CREATE INDEX crew_channel_area_channel ON crew_channel_area (channel_id);
      CREATE INDEX crew_channel_area_group ON crew_channel_area (group_id) WHERE group_id IS NOT NULL;
      CREATE INDEX crew_channel_area_cabinet ON crew_channel_area (cabinet_id) WHERE cabinet_id IS NOT NULL;

      -- An escalation: the channel it goes to, and the alert that nobody answered.
      ALTER TABLE alert ADD COLUMN channel_id uuid REFERENCES crew_channel ON DELETE CASCADE,
        ADD COLUMN cause_id bigint REFERENCES alert ON DELETE CASCADE;
      CREATE UNIQUE INDEX alert_escalation ON alert (cause_id, channel_id) WHERE cause_id IS NOT NULL;
      CREATE INDEX alert_fault ON alert (fault_id, id);
      CREATE INDEX alert_channel ON alert (channel_id) WHERE channel_id IS NOT NULL;

      -- One message through one channel, or one line of a digest. The id goes with every try, so that receivers can drop repeats.
      CREATE TABLE delivery (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        serial bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        site_id integer NOT NULL REFERENCES site ON DELETE CASCADE,
        channel_id uuid NOT NULL REFERENCES crew_channel ON DELETE CASCADE,
        kind text NOT NULL CHECK (kind IN ('alert', 'digest', 'test')),
        alert_id bigint REFERENCES alert ON DELETE CASCADE,
        fault_id bigint REFERENCES fault ON DELETE CASCADE,
        -- The digest that holds it.
        digest_id uuid REFERENCES delivery ON DELETE CASCADE,
        state text NOT NULL CHECK (state IN ('waiting', 'collected', 'pending', 'delivered', 'dead')),
        created_at timestamptz NOT NULL,
        -- Not before; while it is being sent: when it falls due again, should the sender die.
        due_at timestamptz NOT NULL,
        give_up_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        finished_at timestamptz,
        -- Why the last try did not succeed.
        problem text,
        CHECK ((kind = 'alert') = (alert_id IS NOT NULL AND fault_id IS NOT NULL))
      );
      CREATE UNIQUE INDEX delivery_once ON delivery (alert_id, channel_id) WHERE alert_id IS NOT NULL;
      CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'pending';
      CREATE INDEX delivery_in_order ON delivery (channel_id, fault_id, serial) WHERE state = 'pending';
      CREATE INDEX delivery_waiting ON delivery (due_at) WHERE state = 'waiting';
      CREATE INDEX delivery_open ON delivery (state, created_at) WHERE state IN ('waiting', 'pending', 'dead');
      CREATE INDEX delivery_list ON delivery (site_id, state, serial);
      CREATE INDEX delivery_digest ON delivery (digest_id) WHERE digest_id IS NOT NULL;
      CREATE INDEX delivery_channel ON delivery (channel_id);
      CREATE INDEX delivery_fault ON delivery (fault_id) WHERE fault_id IS NOT NULL;

      -- Links in messages that have been used: each works once.
      CREATE TABLE used_link (
        delivery_id uuid NOT NULL REFERENCES delivery ON DELETE CASCADE,
        fault_id bigint NOT NULL REFERENCES fault ON DELETE CASCADE,
        used_at timestamptz NOT NULL,
        PRIMARY KEY (delivery_id, fault_id)
      );
      -- Secrets that Felinar has made for itself.
      CREATE TABLE own_secret (name text PRIMARY KEY, value text NOT NULL);

      CREATE FUNCTION notify_alert_work() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('alert_work', '');
        RETURN NULL;
      END $$;
      -- By row, since a statement that inserts nothing would wake those who wait, too.
      CREATE TRIGGER alert_written AFTER INSERT ON alert FOR EACH ROW EXECUTE FUNCTION notify_alert_work();
      CREATE TRIGGER delivery_written AFTER INSERT ON delivery FOR EACH ROW WHEN (NEW.state = 'pending')
        EXECUTE FUNCTION notify_alert_work();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP TABLE used_link, own_secret, delivery;
      DROP TRIGGER alert_written ON alert;
      DROP FUNCTION notify_alert_work();
      DROP INDEX alert_fault;
      ALTER TABLE alert DROP COLUMN cause_id, DROP COLUMN channel_id;
      DROP TABLE crew_channel_area, crew_channel;
    `);
  }
}
