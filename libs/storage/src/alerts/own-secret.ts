import { randomBytes } from 'node:crypto';
import type { Pool } from '../pool.js';

/** The secret of that name: made once, the same for every process ever after. */
export async function ownSecret(pool: Pool, name: string): Promise<string> {
  await pool.query('INSERT INTO own_secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    randomBytes(32).toString('base64url'),
  ]);
  const found = await pool.query<{ value: string }>('SELECT value FROM own_secret WHERE name = $1', [name]);
  return found.rows[0]?.value as string;
}

/** What signs the links in messages: the configured secret, or one kept in the database. */
export function linkSecret(pool: Pool, configured: string | undefined): Promise<string> {
  return configured === undefined ? ownSecret(pool, 'link') : Promise.resolve(configured);
}
