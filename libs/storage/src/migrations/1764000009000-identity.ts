import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who may do what: users, their roles in places, sessions and API keys. No secret is kept, only hashes. */
export class Identity1764000009000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE app_user (
        id uuid PRIMARY KEY,
        -- For signing in, in small letters; stands in histories as who did it.
        username text NOT NULL UNIQUE CHECK (username ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
        name text NOT NULL,
        -- Argon2id, PHC form.
        password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
        -- Made by somebody else: nothing works with it but changing it.
        password_is_temporary boolean NOT NULL,
        password_changed_at timestamptz NOT NULL,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1
      );
      CREATE TABLE session (
        -- All tokens that were rotated from one sign-in are one session.
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES app_user ON DELETE CASCADE,
        -- SHA-256 of random 256 bits.
        access_hash bytea NOT NULL UNIQUE CHECK (length(access_hash) = 32),
        access_expires_at timestamptz NOT NULL,
        refresh_hash bytea NOT NULL UNIQUE CHECK (length(refresh_hash) = 32),
        refresh_expires_at timestamptz NOT NULL,
        -- However often it is refreshed.
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        refreshed_at timestamptz NOT NULL,
        -- Where the sign-in came from.
        address text NOT NULL,
        ended_at timestamptz,
        ended_because text CHECK (ended_because IN ('signedOut', 'revoked', 'reused', 'passwordChanged'))
      );
      CREATE INDEX session_of_user ON session (user_id);
      -- Refresh tokens that were rotated away: one that comes again was stolen, or its holder was.
      CREATE TABLE used_refresh_token (
        hash bytea PRIMARY KEY CHECK (length(hash) = 32),
        session_id uuid NOT NULL REFERENCES session ON DELETE CASCADE,
        used_at timestamptz NOT NULL
      );
      CREATE INDEX used_refresh_token_session ON used_refresh_token (session_id);
      CREATE TABLE api_key (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES app_user ON DELETE CASCADE,
        name text NOT NULL,
        hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
        -- The first letters, by which people recognise it.
        hint text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX api_key_user ON api_key (user_id);
      -- A role of a user or of a key. Where a site or group is deleted its grants go with it: what is left may do less, never more.
      CREATE TABLE access_grant (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id uuid REFERENCES app_user ON DELETE CASCADE,
        key_id uuid REFERENCES api_key ON DELETE CASCADE,
        role text NOT NULL,
        -- Null: all sites.
        site_id integer REFERENCES site ON DELETE CASCADE,
        -- Null: the whole site.
        group_id integer REFERENCES lamp_group ON DELETE CASCADE,
        CHECK (num_nonnulls(user_id, key_id) = 1),
        CHECK (group_id IS NULL OR site_id IS NOT NULL),
        UNIQUE NULLS NOT DISTINCT (user_id, key_id, role, site_id, group_id)
      );
      CREATE INDEX access_grant_key ON access_grant (key_id);
      CREATE INDEX access_grant_site ON access_grant (site_id);
      CREATE INDEX access_grant_group ON access_grant (group_id);
      -- Failed sign-ins, by account, address, or both: they slow the next one down.
      CREATE TABLE sign_in_failure (
        counted_by text NOT NULL CHECK (counted_by IN ('pair', 'address', 'account')),
        key text NOT NULL,
        failures integer NOT NULL,
        last_at timestamptz NOT NULL,
        PRIMARY KEY (counted_by, key)
      );
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE sign_in_failure, access_grant, api_key, used_refresh_token, session, app_user;');
  }
}
