import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signing in through a provider of identities (ADR 0018). */
export class ProviderSignIn1764000016000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- The account at the provider that this user is; null: signs in with a password.
      ALTER TABLE app_user ADD COLUMN provider_issuer text, ADD COLUMN provider_subject text,
        ADD CONSTRAINT app_user_provider CHECK (num_nulls(provider_issuer, provider_subject) IN (0, 2)),
        ADD CONSTRAINT app_user_of_provider UNIQUE (provider_issuer, provider_subject);
      ALTER TABLE session ADD COLUMN signed_in_by text NOT NULL DEFAULT 'password' CHECK (signed_in_by IN ('password', 'provider'));
      -- Somebody is at the provider now. All that it takes to go on is in their browser; here are hashes, and what they asked for.
      CREATE TABLE provider_attempt (
        state_hash bytea PRIMARY KEY CHECK (length(state_hash) = 32),
        browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
        -- A path here; null: a page with the code.
        return_to text,
        -- Whoever changes the code into tokens has to know what this was made of (S256).
        code_challenge text NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX provider_attempt_expires ON provider_attempt (expires_at);
      -- Somebody has come back from the provider and gets tokens for this code, once.
      CREATE TABLE provider_code (
        hash bytea PRIMARY KEY CHECK (length(hash) = 32),
        user_id uuid NOT NULL REFERENCES app_user ON DELETE CASCADE,
        code_challenge text NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX provider_code_user ON provider_code (user_id);
      CREATE INDEX provider_code_expires ON provider_code (expires_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      DROP TABLE provider_code, provider_attempt;
      ALTER TABLE session DROP COLUMN signed_in_by;
      ALTER TABLE app_user DROP CONSTRAINT app_user_of_provider, DROP CONSTRAINT app_user_provider,
        DROP COLUMN provider_subject, DROP COLUMN provider_issuer;
    `);
  }
}
