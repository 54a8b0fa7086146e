import type { Pool } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { instant } from '../control/command-sql.js';
import { lockAdministrators, replaceGrants } from './grants.js';
import { insertUser, setPassword } from './users.js';

const ADMINISTRATOR = [{ role: 'administrator', site: null, group: null }] as const;

/** Whether the database has no user yet. */
export async function hasNoUsers(pool: Pool): Promise<boolean> {
  const found = await pool.query('SELECT 1 FROM app_user LIMIT 1');
  return found.rowCount === 0;
}

/** Creates the first user, an administrator of all sites. False when there is one by now: of several processes one creates it. */
export function createFirstAdministrator(
  pool: Pool,
  user: { readonly username: string; readonly name: string; readonly passwordHash: string },
  nowMs: number,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await lockAdministrators(client);
    const found = await client.query('SELECT 1 FROM app_user LIMIT 1');
    if ((found.rowCount ?? 0) > 0) return false;
    await insertUser(client, { ...user, grants: ADMINISTRATOR }, nowMs);
    return true;
  });
}

/** For whoever can reach the database and has lost the way in: makes the user an administrator of all sites with this temporary password. */
export function resetAdministrator(
  pool: Pool,
  { username, passwordHash }: { readonly username: string; readonly passwordHash: string },
  nowMs: number,
): Promise<'created' | 'reset'> {
  return inTransaction(pool, async (client) => {
    await lockAdministrators(client);
    const found = await client.query<{ id: string }>('SELECT id FROM app_user WHERE username = $1 FOR UPDATE', [
      username,
    ]);
    const id = found.rows[0]?.id;
    if (id === undefined) {
      await insertUser(client, { username, name: 'Administrator', passwordHash, grants: ADMINISTRATOR }, nowMs);
      return 'created';
    }
    await client.query(
      `UPDATE app_user SET disabled_at = NULL, provider_issuer = NULL, provider_subject = NULL, updated_at = ${instant('$2')} WHERE id = $1`,
      [id, nowMs],
    );
    await replaceGrants(client, { userId: id }, ADMINISTRATOR);
    await setPassword(client, id, { hash: passwordHash, isTemporary: true }, nowMs);
    await client.query('DELETE FROM sign_in_failure WHERE key = $1 OR key LIKE $2', [username, `${username} %`]);
    return 'reset';
  });
}
