import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who changed what, and from where: written by the database in the transaction of the change, and never changed itself. */
export class Audit1764000009500 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- On the clock of the database: a simulated city may be elsewhere in time.
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- User name; system where no request asked for it.
        actor text NOT NULL,
        user_id uuid,
        -- How the actor came: session, key, link, console.
        via text,
        -- Of the session or key.
        via_id uuid,
        address text,
        correlation_id text,
        -- The table.
        entity text NOT NULL,
        entity_id text NOT NULL,
        -- For people: address, code or user name.
        name text NOT NULL,
        -- Its address at that time; null for what belongs to no site.
        site text,
        action text NOT NULL CHECK (action IN ('created', 'changed', 'deleted')),
        -- Of a change: the columns that differ; otherwise all. Secrets are struck out.
        before jsonb,
        after jsonb
      );
      CREATE INDEX audit_site ON audit (site, id);
      CREATE INDEX audit_actor ON audit (actor, id);
      CREATE INDEX audit_entity ON audit (entity, name, id);
      CREATE INDEX audit_at ON audit (at);
      REVOKE ALL ON audit FROM PUBLIC;

      CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the audit is written once: % is refused', lower(TG_OP) USING ERRCODE = 'insufficient_privilege';
      END $$;
      CREATE TRIGGER audit_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

      CREATE FUNCTION audit_site(changed jsonb) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT address FROM site WHERE id = CASE
          WHEN changed ? 'site_id' THEN (changed ->> 'site_id')::integer
          WHEN changed ? 'fault_id' THEN (SELECT site_id FROM fault WHERE id = (changed ->> 'fault_id')::bigint)
          WHEN changed ? 'channel_id' THEN (SELECT site_id FROM crew_channel WHERE id = (changed ->> 'channel_id')::uuid)
          ELSE coalesce((SELECT site_id FROM lamp_group WHERE id = (changed ->> 'group_id')::integer),
                        (SELECT site_id FROM lamp WHERE id = (changed ->> 'lamp_id')::integer))
        END
      $$;
      CREATE FUNCTION audit_name(changed jsonb, key text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT coalesce(
          CASE WHEN changed ? 'user_id' THEN nullif(concat_ws('/',
            (SELECT username FROM app_user WHERE id = coalesce((changed ->> 'user_id')::uuid,
               (SELECT user_id FROM api_key WHERE id = (changed ->> 'key_id')::uuid))),
            coalesce(changed ->> 'name', (SELECT name FROM api_key WHERE id = (changed ->> 'key_id')::uuid))), '')
          ELSE coalesce(changed ->> 'address', changed ->> 'code', changed ->> 'username', changed ->> 'valid_from', nullif(concat_ws('/',
            (SELECT address FROM lamp_group WHERE id = (changed ->> 'group_id')::integer),
            (SELECT address FROM cabinet WHERE id = (changed ->> 'cabinet_id')::integer),
            (SELECT address FROM crew WHERE id = (changed ->> 'crew_id')::integer),
            (SELECT address FROM lamp WHERE id = (changed ->> 'lamp_id')::integer)), ''),
            changed ->> 'device', changed ->> 'fault_id') END,
          key)
      $$;
      -- The columns of a row that differ from another (of no other: all), with secrets struck out; null when none does.
      CREATE FUNCTION audit_part(changed jsonb, other jsonb, secret text[], passed_over text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
        SELECT jsonb_object_agg(key, CASE WHEN key = ANY (secret) AND value <> 'null' THEN '"[secret]"'::jsonb ELSE value END)
        FROM jsonb_each(changed) WHERE NOT key = ANY (passed_over) AND (other IS NULL OR value IS DISTINCT FROM other -> key)
      $$;
      CREATE FUNCTION audit_key(changed jsonb, keys text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT string_agg(changed ->> key, '/' ORDER BY n) FROM unnest(keys) WITH ORDINALITY AS part (key, n)
      $$;

      -- Arguments: key columns, secret columns, columns that are passed over, a column that has to be set for a row to count.
      CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        keys text[] := string_to_array(TG_ARGV[0], ',');
        secret text[] := string_to_array(TG_ARGV[1], ',');
        passed_over text[] := string_to_array(TG_ARGV[2], ',') || '{version,updated_at}'::text[];
        needed text := nullif(TG_ARGV[3], '');
        who jsonb := coalesce(nullif(current_setting('felinar.actor', true), '')::jsonb, '{"name": "system"}');
      BEGIN
        IF TG_OP = 'INSERT' THEN
          INSERT INTO audit (actor, user_id, via, via_id, address, correlation_id, entity, entity_id, name, site, action, after)
          SELECT who ->> 'name', (who ->> 'userId')::uuid, who ->> 'via', (who ->> 'viaId')::uuid, who ->> 'address', who ->> 'correlationId',
            TG_TABLE_NAME, audit_key(n.changed, keys), audit_name(n.changed, audit_key(n.changed, keys)),
            CASE TG_TABLE_NAME WHEN 'site' THEN n.changed ->> 'address' ELSE audit_site(n.changed) END, 'created',
            audit_part(n.changed, NULL, secret, passed_over)
          FROM (SELECT to_jsonb(t) AS changed FROM new_rows AS t) AS n
          WHERE needed IS NULL OR n.changed ->> needed IS NOT NULL;
        ELSIF TG_OP = 'DELETE' THEN
          INSERT INTO audit (actor, user_id, via, via_id, address, correlation_id, entity, entity_id, name, site, action, before)
          SELECT who ->> 'name', (who ->> 'userId')::uuid, who ->> 'via', (who ->> 'viaId')::uuid, who ->> 'address', who ->> 'correlationId',
            TG_TABLE_NAME, audit_key(o.changed, keys), audit_name(o.changed, audit_key(o.changed, keys)),
            CASE TG_TABLE_NAME WHEN 'site' THEN o.changed ->> 'address' ELSE audit_site(o.changed) END, 'deleted',
            audit_part(o.changed, NULL, secret, passed_over)
          FROM (SELECT to_jsonb(t) AS changed FROM old_rows AS t) AS o
          WHERE needed IS NULL OR o.changed ->> needed IS NOT NULL;
        ELSE
          INSERT INTO audit (actor, user_id, via, via_id, address, correlation_id, entity, entity_id, name, site, action, before, after)
          SELECT who ->> 'name', (who ->> 'userId')::uuid, who ->> 'via', (who ->> 'viaId')::uuid, who ->> 'address', who ->> 'correlationId',
            TG_TABLE_NAME, audit_key(n.changed, keys), audit_name(n.changed, audit_key(n.changed, keys)),
            CASE TG_TABLE_NAME WHEN 'site' THEN n.changed ->> 'address' ELSE audit_site(n.changed) END, 'changed',
            audit_part(o.changed, n.changed, secret, passed_over), audit_part(n.changed, o.changed, secret, passed_over)
          FROM (SELECT to_jsonb(t) AS changed FROM old_rows AS t) AS o
          JOIN (SELECT to_jsonb(t) AS changed FROM new_rows AS t) AS n ON audit_key(o.changed, keys) = audit_key(n.changed, keys)
          WHERE audit_part(n.changed, o.changed, secret, passed_over) IS NOT NULL AND (needed IS NULL OR n.changed ->> needed IS NOT NULL);
        END IF;
        RETURN NULL;
      END $$;
      CREATE FUNCTION audit_table(audited regclass, keys text, secret text DEFAULT '', passed_over text DEFAULT '', needed text DEFAULT '',
        operations text[] DEFAULT '{INSERT,UPDATE,DELETE}') RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        operation text;
        transitions jsonb := '{"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows", "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows"}';
      BEGIN
        FOREACH operation IN ARRAY operations LOOP
          EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION write_audit(%L, %L, %L, %L)',
            'audit_' || lower(operation), operation, audited, transitions ->> operation, keys, secret, passed_over, needed);
        END LOOP;
      END $$;
    `);
    for (const [table, ...options] of AUDITED) {
      await db.query(`SELECT audit_table('${table}', ${options.map((option) => `'${option}'`).join(', ')})`);
    }
  }

  async down(db: QueryRunner): Promise<void> {
    const triggers = (await db.query(
      `SELECT tgname AS name, tgrelid::regclass::text AS "table" FROM pg_trigger
       WHERE tgfoid = 'write_audit'::regproc`,
    )) as { name: string; table: string }[];
    for (const { name, table } of triggers) await db.query(`DROP TRIGGER ${name} ON ${table}`);
    await db.query(`
      DROP TABLE audit;
      DROP FUNCTION audit_table, write_audit, audit_key, audit_part, audit_name, audit_site, refuse_audit_change;
    `);
  }
}

/** Table, key columns, secret columns, columns that are passed over, a column that has to be set, operations. */
const AUDITED = [
  ['site', 'id'],
  ['tariff', 'id'],
  ['cabinet', 'id'],
  ['lamp_type', 'id'],
  ['lamp', 'id'],
  ['lamp_group', 'id'],
  ['lamp_group_member', 'group_id,lamp_id'],
  ['control_program', 'id'],
  ['calendar', 'id'],
  ['calendar_assignment', 'id'],
  ['level_override', 'id'],
  ['crew', 'id'],
  // Webhooks have secrets in their URLs.
  ['crew_channel', 'id', 'secret,target'],
  ['crew_channel_area', 'channel_id,group_id,cabinet_id'],
  // What people did about faults; what was seen of them says nobody.
  ['fault_history', 'id', '', '', 'by', '{INSERT}'],
  ['device_credential', 'site_id,device', 'password_hash'],
  ['app_user', 'id', 'password_hash'],
  ['access_grant', 'id'],
  ['api_key', 'id', 'hash', 'last_used_at'],
  // Signing in and out; a refresh changes nothing that is looked at.
  [
    'session',
    'id',
    '',
    'access_hash,access_expires_at,refresh_hash,refresh_expires_at,refreshed_at',
    '',
    '{INSERT,UPDATE}',
  ],
] as const;
