import { randomUUID } from 'node:crypto';
import { ACCESS_LIFE_MS, hashToken, newToken, REFRESH_LIFE_MS, SESSION_LIFE_MS } from '#libs/identity';
import { instant } from '../control/command-sql.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';

/** What a client gets to show who it is, and to get new ones. In clear text nowhere else. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly accessExpiresAt: Date;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
}

export type SessionEnd = 'signedOut' | 'revoked' | 'reused' | 'passwordChanged';

/** What has been proven of a user: the password with this hash, or an account at a provider; and for how long that may do, ms. */
export type Proven = { readonly userId: string; readonly lifeMs?: number } & (
  { readonly hash: string } | { readonly provider: { readonly issuer: string } }
);

/** Somebody has signed in, from an address. Undefined: what was proven holds no more. */
export async function beginSession(
  client: PoolClient,
  proven: Proven,
  address: string,
  nowMs: number,
): Promise<SessionTokens | undefined> {
  const [by, held] = 'hash' in proven ? ['password', proven.hash] : ['provider', proven.provider.issuer];
  const expiresAtMs = nowMs + Math.min(proven.lifeMs ?? SESSION_LIFE_MS, SESSION_LIFE_MS);
  const tokens = newTokens(nowMs, expiresAtMs);
  const begun = await client.query(
    `INSERT INTO session (id, user_id, access_hash, access_expires_at, refresh_hash, refresh_expires_at, expires_at, created_at,
       refreshed_at, address, signed_in_by)
     SELECT $1, u.id, $3, $4, $5, $6, ${instant('$7')}, ${instant('$8')}, ${instant('$8')}, $9, $11
     FROM app_user AS u WHERE u.id = $2 AND u.disabled_at IS NULL
       AND CASE $11 WHEN 'password' THEN u.password_hash ELSE u.provider_issuer END = $10 FOR SHARE`,
    [randomUUID(), proven.userId, ...columnsOf(tokens), expiresAtMs, nowMs, address, held, by],
  );
  return begun.rowCount === 0 ? undefined : tokens;
}

/**
 * New tokens for a refresh token, which is worth nothing afterwards. One that was used before is known to two parties, and nobody can
 * say which of them is the user: the whole session ends (`reused`). Also when both come together: there is no grace.
 */
export function refreshSession(
  pool: Pool,
  refreshToken: string,
  nowMs: number,
): Promise<SessionTokens | 'unknown' | 'ended' | 'reused'> {
  const hash = hashToken(refreshToken);
  return inTransaction(pool, async (client) => {
    const found = await client.query<{ id: string; userId: string; expiresAtMs: number; isOver: boolean }>(
      `SELECT s.id, s.user_id AS "userId", extract(epoch FROM s.expires_at)::float8 * 1000 AS "expiresAtMs",
         s.ended_at IS NOT NULL OR u.disabled_at IS NOT NULL OR least(s.refresh_expires_at, s.expires_at) <= ${instant('$2')} AS "isOver"
       FROM session AS s JOIN app_user AS u ON u.id = s.user_id WHERE s.refresh_hash = $1 FOR UPDATE OF s`,
      [hash, nowMs],
    );
    const session = found.rows[0];
    if (session === undefined) return (await endIfReused(client, hash, nowMs)) ? 'reused' : 'unknown';
    if (session.isOver) return 'ended';
    const tokens = newTokens(nowMs, session.expiresAtMs);
    await client.query(
      `UPDATE session SET access_hash = $2, access_expires_at = $3, refresh_hash = $4, refresh_expires_at = $5, refreshed_at = ${instant('$6')}
       WHERE id = $1`,
      [session.id, ...columnsOf(tokens), nowMs],
    );
    await client.query(`INSERT INTO used_refresh_token (hash, session_id, used_at) VALUES ($1, $2, ${instant('$3')})`, [
      hash,
      session.id,
      nowMs,
    ]);
    return tokens;
  });
}

async function endIfReused(client: PoolClient, hash: Buffer, nowMs: number): Promise<boolean> {
  const used = await client.query<{ id: string }>('SELECT session_id AS id FROM used_refresh_token WHERE hash = $1', [
    hash,
  ]);
  const id = used.rows[0]?.id;
  if (id === undefined) return false;
  await endSession(client, id, 'reused', nowMs);
  return true;
}

export async function endSession(db: Pool | PoolClient, id: string, because: SessionEnd, nowMs: number): Promise<void> {
  await db.query(
    `UPDATE session SET ended_at = ${instant('$2')}, ended_because = $3 WHERE id = $1 AND ended_at IS NULL`,
    [id, nowMs, because],
  );
}

/** All of a user but `keep`. */
export async function endSessions(
  db: Pool | PoolClient,
  userId: string,
  because: SessionEnd,
  nowMs: number,
  keep?: string,
): Promise<void> {
  await db.query(
    `UPDATE session SET ended_at = ${instant('$2')}, ended_because = $3
     WHERE user_id = $1 AND ended_at IS NULL AND ($4::uuid IS NULL OR id <> $4::uuid)`,
    [userId, nowMs, because, keep ?? null],
  );
}

/** Sessions that ended so long ago are forgotten; until then a stolen token of theirs is still known. */
const REMEMBERED = "interval '90 days'";

/** Forgets what ended long ago. */
export async function pruneSessions(db: Pool | PoolClient, nowMs: number): Promise<void> {
  await db.query(
    `DELETE FROM session WHERE least(coalesce(ended_at, 'infinity'), refresh_expires_at, expires_at) < ${instant('$1')} - ${REMEMBERED}`,
    [nowMs],
  );
}

function newTokens(nowMs: number, expiresAtMs: number): SessionTokens {
  return {
    accessToken: newToken('access'),
    accessExpiresAt: new Date(Math.min(nowMs + ACCESS_LIFE_MS, expiresAtMs)),
    refreshToken: newToken('refresh'),
    refreshExpiresAt: new Date(Math.min(nowMs + REFRESH_LIFE_MS, expiresAtMs)),
  };
}

function columnsOf({ accessToken, accessExpiresAt, refreshToken, refreshExpiresAt }: SessionTokens) {
  return [hashToken(accessToken), accessExpiresAt, hashToken(refreshToken), refreshExpiresAt];
}
