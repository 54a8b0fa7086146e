import { randomUUID } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import { hashToken, newToken, tokenHint, type Grant } from '#libs/identity';
import { instant } from '../control/command-sql.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { firstAdministrator, grantsJson, replaceGrants } from './grants.js';

const START_KEY_LIFE_MS = 31 * 86_400_000;

/** An API key, without the key. */
export interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly hint: string;
  readonly grants: readonly Grant[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** For the order: `µs id`. */
  readonly position: string;
}

export interface NewApiKey {
  readonly userId: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly expiresAtMs: number;
}

const SELECT_KEY = `
  SELECT k.id, k.name, u.username, k.hint, ${grantsJson('g.key_id = k.id')} AS grants, k.created_at AS "createdAt",
    k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt", k.revoked_at AS "revokedAt",
    (extract(epoch FROM k.created_at) * 1000000)::bigint || ' ' || k.id AS position
  FROM api_key AS k JOIN app_user AS u ON u.id = k.user_id`;

/** The newest first; of one user or of all. */
export async function listApiKeys(
  pool: Pool,
  {
    userId,
    after,
    take,
  }: { readonly userId: string | undefined; readonly after: string | undefined; readonly take: number },
): Promise<ApiKeyRow[]> {
  const [us, id] = after?.split(' ') ?? [];
  const found = await pool.query<ApiKeyRow>(
    `${SELECT_KEY} WHERE ($1::uuid IS NULL OR k.user_id = $1)
       AND ($2::bigint IS NULL OR (k.created_at, k.id) < (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::uuid))
     ORDER BY k.created_at DESC, k.id DESC LIMIT $4`,
    [userId ?? null, us ?? null, id ?? null, take],
  );
  return found.rows;
}

/** One key; undefined when there is none of that id (of that user, where one is given). */
export async function findApiKey(
  db: Pool | PoolClient,
  id: string,
  userId: string | undefined,
): Promise<ApiKeyRow | undefined> {
  const found = await db.query<ApiKeyRow>(`${SELECT_KEY} WHERE k.id = $1 AND ($2::uuid IS NULL OR k.user_id = $2)`, [
    id,
    userId ?? null,
  ]);
  return found.rows[0];
}

/** Makes a key; it is in the answer and nowhere else. */
export async function createApiKey(
  client: PoolClient,
  { userId, name, grants, expiresAtMs }: NewApiKey,
  nowMs: number,
): Promise<{ readonly key: string; readonly row: ApiKeyRow }> {
  const key = newToken('key');
  const id = randomUUID();
  await client.query(
    `INSERT INTO api_key (id, user_id, name, hash, hint, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, ${instant('$6')}, ${instant('$7')})`,
    [id, userId, name, hashToken(key), tokenHint(key), nowMs, expiresAtMs],
  );
  await replaceGrants(client, { keyId: id }, grants);
  return { key, row: (await findApiKey(client, id, undefined)) as ApiKeyRow };
}

/** It works no more. False: there is none, or it was revoked before. */
export async function revokeApiKey(db: Pool | PoolClient, id: string, nowMs: number): Promise<boolean> {
  const changed = await db.query(
    `UPDATE api_key SET revoked_at = ${instant('$2')} WHERE id = $1 AND revoked_at IS NULL`,
    [id, nowMs],
  );
  return (changed.rowCount ?? 0) > 0;
}

/** A key for everything, for a process that starts the whole city and shows it. Those of the name that were there before are revoked. */
export function issueAdministratorKey(pool: Pool, name: string, nowMs: number): Promise<string> {
  return inTransaction(pool, async (client) => {
    const owner = await firstAdministrator(client);
    if (owner === undefined)
      throw new DomainError('conflict', 'No user may manage everything: npm run reset-administrator makes one');
    await revokeAdministratorKeys(client, name, nowMs);
    const grants = [{ role: 'administrator', site: null, group: null }] as const;
    const data = { userId: owner.id, name, grants, expiresAtMs: nowMs + START_KEY_LIFE_MS };
    return (await createApiKey(client, data, nowMs)).key;
  });
}

/** Keys for everything by their name. */
export async function revokeAdministratorKeys(db: Pool | PoolClient, name: string, nowMs: number): Promise<void> {
  await db.query(
    `UPDATE api_key AS k SET revoked_at = ${instant('$2')} WHERE k.name = $1 AND k.revoked_at IS NULL
       AND EXISTS (SELECT FROM access_grant AS g WHERE g.key_id = k.id AND g.role = 'administrator' AND g.site_id IS NULL)`,
    [name, nowMs],
  );
}
