import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens by which dangerous requests are said twice. */
export class Confirmations1764000009700 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE confirmation (
        -- SHA-256 of the token.
        hash bytea PRIMARY KEY CHECK (length(hash) = 32),
        -- Who was asked: user, and key where one was used.
        asker text NOT NULL,
        -- SHA-256 of method, path with query, and body.
        request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX confirmation_expires ON confirmation (expires_at);
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE confirmation');
  }
}
