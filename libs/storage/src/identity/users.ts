import { randomUUID } from 'node:crypto';
import type { Grant } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { instant } from '../control/command-sql.js';
import { checkVersion, orConflict, type ExpectedVersion } from '../inventory/versioned.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { grantsJson, lockAdministrators, replaceGrants, requireAdministrator } from './grants.js';
import { endSessions } from './sessions.js';

/** Somebody's account at a provider of identities: what never changes of it. */
export interface ProviderAccount {
  readonly issuer: string;
  readonly subject: string;
}

/** A user, without what proves that somebody is it. */
export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly passwordIsTemporary: boolean;
  readonly passwordChangedAt: Date;
  /** The account elsewhere that this user is; null: signs in with a password. */
  readonly provider: ProviderAccount | null;
  readonly disabledAt: Date | null;
  /** When a session of this user was begun or refreshed last. */
  readonly seenAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

export interface NewUser {
  readonly username: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly grants: readonly Grant[];
  readonly provider?: ProviderAccount;
}

const SELECT_USER = `
  SELECT u.id, u.username, u.name, ${grantsJson('g.user_id = u.id')} AS grants, u.password_is_temporary AS "passwordIsTemporary",
    u.password_changed_at AS "passwordChangedAt",
    CASE WHEN u.provider_subject IS NOT NULL THEN json_build_object('issuer', u.provider_issuer, 'subject', u.provider_subject) END AS provider,
    u.disabled_at AS "disabledAt",
    (SELECT max(refreshed_at) FROM session WHERE user_id = u.id) AS "seenAt",
    u.created_at AS "createdAt", u.updated_at AS "updatedAt", u.version
  FROM app_user AS u`;

/** In the order of their user names, from the one after `after`. */
export async function listUsers(pool: Pool, after: string | undefined, take: number): Promise<UserRow[]> {
  const found = await pool.query<UserRow>(
    `${SELECT_USER} WHERE $1::text IS NULL OR u.username COLLATE "C" > $1 ORDER BY u.username COLLATE "C" LIMIT $2`,
    [after ?? null, take],
  );
  return found.rows;
}

export async function getUser(db: Pool | PoolClient, username: string): Promise<UserRow> {
  const found = await db.query<UserRow>(`${SELECT_USER} WHERE u.username = $1`, [username]);
  const [user] = found.rows;
  if (user === undefined) throw new DomainError('notFound', `There is no user ${username}`);
  return user;
}

/** A user with a temporary password. */
export function createUser(pool: Pool, data: NewUser, nowMs: number): Promise<UserRow> {
  return inTransaction(pool, async (client) => {
    await insertUser(client, data, nowMs);
    return getUser(client, data.username);
  });
}

/** Inside the caller's transaction. Answers the id. */
export async function insertUser(client: PoolClient, data: NewUser, nowMs: number): Promise<string> {
  const id = randomUUID();
  await orConflict(
    client.query(
      `INSERT INTO app_user (id, username, name, password_hash, password_is_temporary, password_changed_at, created_at, updated_at,
         provider_issuer, provider_subject)
       VALUES ($1, $2, $3, $4, true, ${instant('$5')}, ${instant('$5')}, ${instant('$5')}, $6, $7)`,
      [
        id,
        data.username,
        data.name,
        data.passwordHash,
        nowMs,
        data.provider?.issuer ?? null,
        data.provider?.subject ?? null,
      ],
    ),
    `There is a user ${data.username} already`,
  );
  await replaceGrants(client, { userId: id }, data.grants);
  return id;
}

export interface UserChanges {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly grants?: readonly Grant[] | undefined;
  /** Null: signs in with a password from now on. */
  readonly provider?: ProviderAccount | null | undefined;
}

/** What is given is changed. Who becomes another account elsewhere is signed out. A user that is disabled is signed out at once; keys of a disabled user do not work. */
export function updateUser(
  pool: Pool,
  username: string,
  { name, disabled, grants, provider }: UserChanges,
  expected: ExpectedVersion,
  nowMs: number,
): Promise<UserRow> {
  return inTransaction(pool, async (client) => {
    await lockAdministrators(client);
    const { id } = await lockUser(client, username, expected);
    await client.query(
      `UPDATE app_user SET name = coalesce($2, name), updated_at = ${instant('$3')}, version = version + 1,
         disabled_at = CASE WHEN $4::boolean THEN coalesce(disabled_at, ${instant('$3')}) WHEN NOT $4::boolean THEN NULL ELSE disabled_at END
       WHERE id = $1`,
      [id, name ?? null, nowMs, disabled ?? null],
    );
    if (grants !== undefined) await replaceGrants(client, { userId: id }, grants);
    if (provider !== undefined) await bindUser(client, id, provider);
    if (disabled === true || provider !== undefined) await endSessions(client, id, 'revoked', nowMs);
    await requireAdministrator(client);
    return getUser(client, username);
  });
}

/** Who this user is elsewhere. Inside the caller's transaction. */
export async function bindUser(client: PoolClient, id: string, provider: ProviderAccount | null): Promise<void> {
  await orConflict(
    client.query('UPDATE app_user SET provider_issuer = $2, provider_subject = $3 WHERE id = $1', [
      id,
      provider?.issuer ?? null,
      provider?.subject ?? null,
    ]),
    'Another user is this account at the provider already: free it there first, with "providerSubject": null',
  );
}

/** With sessions and keys; what the user did keeps the name. */
export function deleteUser(pool: Pool, username: string, expected: ExpectedVersion): Promise<void> {
  return inTransaction(pool, async (client) => {
    await lockAdministrators(client);
    const { id } = await lockUser(client, username, expected);
    await client.query('DELETE FROM app_user WHERE id = $1', [id]);
    await requireAdministrator(client);
  });
}

/** Another password, and the end of the sessions but `keep`. */
export async function setPassword(
  client: PoolClient,
  userId: string,
  password: { readonly hash: string; readonly isTemporary: boolean },
  nowMs: number,
  keep?: string,
): Promise<void> {
  await client.query(
    `UPDATE app_user SET password_hash = $2, password_is_temporary = $3, password_changed_at = ${instant('$4')},
       updated_at = ${instant('$4')}, version = version + 1
     WHERE id = $1`,
    [userId, password.hash, password.isTemporary, nowMs],
  );
  await endSessions(client, userId, 'passwordChanged', nowMs, keep);
}

/** What a password is held against, and whose it is. */
export interface FoundPassword {
  readonly userId: string;
  readonly hash: string;
  readonly isTemporary: boolean;
  /** Where the user has an account by which to sign in; null: nowhere. */
  readonly providerIssuer: string | null;
  /** Of all sites. */
  readonly isAdministrator: boolean;
}

/** Undefined when there is no such user who may sign in. */
export async function findPassword(db: Pool | PoolClient, username: string): Promise<FoundPassword | undefined> {
  const found = await db.query<FoundPassword>(
    `SELECT id AS "userId", password_hash AS hash, password_is_temporary AS "isTemporary", provider_issuer AS "providerIssuer",
       EXISTS (SELECT FROM access_grant AS g WHERE g.user_id = app_user.id AND g.role = 'administrator' AND g.site_id IS NULL)
         AS "isAdministrator"
     FROM app_user WHERE username = $1 AND disabled_at IS NULL`,
    [username],
  );
  return found.rows[0];
}

/** The same password, hashed with what is asked for today; unless it has been changed since. */
export async function rehashPassword(pool: Pool, userId: string, from: string, to: string): Promise<void> {
  await pool.query('UPDATE app_user SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [userId, from, to]);
}

async function lockUser(client: PoolClient, username: string, expected: ExpectedVersion): Promise<{ id: string }> {
  const found = await client.query<{ id: string; version: number }>(
    'SELECT id, version FROM app_user WHERE username = $1 FOR UPDATE',
    [username],
  );
  const [user] = found.rows;
  if (user === undefined) throw new DomainError('notFound', `There is no user ${username}`);
  checkVersion(user.version, expected, `user ${username}`);
  return user;
}
