import { hashToken, isRole, tokenKind, type Grant, type Principal } from '#libs/identity';
import { instant } from '../control/command-sql.js';
import type { Pool } from '../pool.js';
import { grantsJson } from './grants.js';

/** The use of a key is noted so often at the most, ms. */
const NOTED_EVERY_MS = 60_000;

interface Found {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly id: string;
}

/** Whose token it is; undefined when it is nobody's, or its time is over. Nothing is kept in memory: what is revoked is so at once. */
export async function findPrincipal(pool: Pool, token: string, nowMs: number): Promise<Principal | undefined> {
  const kind = tokenKind(token);
  if (kind === 'access')
    return bySession(pool, `s.access_hash = $1 AND s.access_expires_at > ${instant('$2')}`, hashToken(token), nowMs);
  if (kind === 'key') return byKey(pool, 'k.hash = $1', hashToken(token), nowMs);
  return undefined;
}

/**
 * The same asker as they are by now: undefined once the session or key has ended, whatever has become of its tokens meanwhile. For answers
 * that go on for longer than a token holds.
 */
export async function findPrincipalAgain(
  pool: Pool,
  { kind, id }: Principal['by'],
  nowMs: number,
): Promise<Principal | undefined> {
  return kind === 'session'
    ? bySession(pool, `s.id = $1 AND s.expires_at > ${instant('$2')}`, id, nowMs)
    : byKey(pool, 'k.id = $1', id, nowMs);
}

async function bySession(
  pool: Pool,
  where: string,
  value: Buffer | string,
  nowMs: number,
): Promise<Principal | undefined> {
  const found = await pool.query<Found & { passwordIsTemporary: boolean }>(
    `SELECT u.id AS "userId", u.username, u.name, ${grantsJson('g.user_id = u.id')} AS grants, s.id,
       u.password_is_temporary AND s.signed_in_by = 'password' AS "passwordIsTemporary"
     FROM session AS s JOIN app_user AS u ON u.id = s.user_id
     WHERE s.ended_at IS NULL AND u.disabled_at IS NULL AND ${where}`,
    [value, nowMs],
  );
  const row = found.rows[0];
  if (row === undefined) return undefined;
  const { id, passwordIsTemporary } = row;
  return { ...ownerOf(row), by: { kind: 'session', id, passwordIsTemporary } };
}

async function byKey(pool: Pool, where: string, value: Buffer | string, nowMs: number): Promise<Principal | undefined> {
  const found = await pool.query<Found & { keyName: string; keyGrants: readonly Grant[]; isNotedLately: boolean }>(
    `SELECT u.id AS "userId", u.username, u.name, ${grantsJson('g.user_id = u.id')} AS grants, k.id, k.name AS "keyName",
       ${grantsJson('g.key_id = k.id')} AS "keyGrants",
       coalesce(k.last_used_at > ${instant('$2')} - interval '${NOTED_EVERY_MS} ms', false) AS "isNotedLately"
     FROM api_key AS k JOIN app_user AS u ON u.id = k.user_id
     WHERE ${where} AND k.revoked_at IS NULL AND u.disabled_at IS NULL AND k.expires_at > ${instant('$2')}`,
    [value, nowMs],
  );
  const row = found.rows[0];
  if (row === undefined) return undefined;
  const { id, keyName, keyGrants, isNotedLately } = row;
  if (!isNotedLately) await pool.query(`UPDATE api_key SET last_used_at = ${instant('$2')} WHERE id = $1`, [id, nowMs]);
  return { ...ownerOf(row), by: { kind: 'key', id, name: keyName, grants: known(keyGrants) } };
}

function ownerOf({ userId, username, name, grants }: Found) {
  return { userId, username, name, grants: known(grants) };
}

/** Roles of a newer version give nothing here. */
function known(grants: readonly Grant[]): readonly Grant[] {
  return grants.filter(({ role }) => isRole(role));
}
