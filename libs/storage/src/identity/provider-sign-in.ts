import { hashToken, newToken, type Grant } from '#libs/identity';
import { instant } from '../control/command-sql.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { lockAdministrators, possibleGrants, replaceGrants } from './grants.js';
import { endSessions } from './sessions.js';
import { bindUser, insertUser, type ProviderAccount } from './users.js';

/** Whoever goes to the provider is to be back after so long, ms. */
export const ATTEMPT_LIFE_MS = 10 * 60_000;
/** Whoever is back is to fetch the tokens within this, ms. */
export const CODE_LIFE_MS = 2 * 60_000;

/** A sign-in that goes through a provider. `state` and `browser` are secrets of the one browser. */
export interface Attempt {
  readonly state: string;
  readonly browser: string;
}

/** What whoever began it wants at its end. */
export interface Wanted {
  readonly returnTo: string | null;
  /** S256 of a secret of whoever is to get the tokens. */
  readonly codeChallenge: string;
}

/** Keeps hashes of it; those that are over are forgotten. */
export async function beginAttempt(
  pool: Pool,
  { state, browser }: Attempt,
  wanted: Wanted,
  nowMs: number,
): Promise<void> {
  await pool.query(`DELETE FROM provider_attempt WHERE expires_at <= ${instant('$1')}`, [nowMs]);
  await pool.query(
    `INSERT INTO provider_attempt (state_hash, browser_hash, return_to, code_challenge, expires_at)
     VALUES ($1, $2, $3, $4, ${instant('$5')})`,
    [hashToken(state), hashToken(browser), wanted.returnTo, wanted.codeChallenge, nowMs + ATTEMPT_LIFE_MS],
  );
}

/** Uses it up. Undefined: not known, over, used, or of another browser, for which it stays as it is. */
export async function takeAttempt(pool: Pool, { state, browser }: Attempt, nowMs: number): Promise<Wanted | undefined> {
  const taken = await pool.query<Wanted>(
    `DELETE FROM provider_attempt WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > ${instant('$3')}
     RETURNING return_to AS "returnTo", code_challenge AS "codeChallenge"`,
    [hashToken(state), hashToken(browser), nowMs],
  );
  return taken.rows[0];
}

/** What a provider has said of somebody. */
export interface ProviderPerson extends ProviderAccount {
  /** By which a new user is called, or a user is found; undefined: the provider has not said it, or not verified it. */
  readonly username: string | undefined;
  readonly name: string;
  /** What the provider's groups give; undefined: roles are given here. */
  readonly grants: readonly Grant[] | undefined;
  /** What somebody gets who would have nothing. */
  readonly defaultGrant: Grant | undefined;
}

export interface AdmissionRules {
  readonly createUsers: boolean;
  /** Whether a user with the name of the account is that account. */
  readonly linkByName: boolean;
  /** For users who have no password: a hash of which nobody knows the password. */
  readonly unknownPassword: () => Promise<string>;
}

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly userId: string;
      readonly username: string;
      readonly missing: readonly Grant[];
    }
  /** The roles are gone, and the sessions have ended. */
  | { readonly kind: 'noRole'; readonly missing: readonly Grant[] }
  | { readonly kind: 'disabled' | 'noName' | 'unknown' | 'nameTaken' };

interface Known {
  readonly id: string;
  readonly username: string;
  readonly isDisabled: boolean;
  readonly subject: string | null;
}

/**
 * Who somebody is here whom a provider vouches for, with the roles that follow from it. `missing`: grants that name a site or group
 * that is not here. The provider's word stands, also where it takes the last administrator away.
 */
export function admitFromProvider(
  pool: Pool,
  person: ProviderPerson,
  rules: AdmissionRules,
  nowMs: number,
): Promise<Admission> {
  return inTransaction(pool, async (client): Promise<Admission> => {
    // One at a time: two first sign-ins of one person are one user.
    await lockAdministrators(client);
    const known = await findKnown(client, person, rules.linkByName);
    if (typeof known === 'string') return { kind: known };
    if (known?.isDisabled === true) return { kind: 'disabled' };
    if (known === undefined && person.username === undefined) return { kind: 'noName' };
    if (known === undefined && !rules.createUsers) return { kind: 'unknown' };
    const { grants, missing } = await grantsOf(client, person, known?.id);
    if (grants.length === 0) {
      if (known !== undefined && known.subject !== null) await takeAway(client, known.id, nowMs);
      return { kind: 'noRole', missing };
    }
    if (known === undefined) {
      const { username = '', name, issuer, subject } = person;
      const passwordHash = await rules.unknownPassword();
      const data = { username, name, passwordHash, grants, provider: { issuer, subject } };
      return { kind: 'admitted', userId: await insertUser(client, data, nowMs), username, missing };
    }
    if (known.subject === null) {
      await bindUser(client, known.id, person);
      await endSessions(client, known.id, 'revoked', nowMs);
    }
    await setGrants(client, known.id, grants, nowMs);
    return { kind: 'admitted', userId: known.id, username: known.username, missing };
  });
}

/** By the account; else, where that is allowed, by the name. Undefined: nobody here yet. */
async function findKnown(
  client: PoolClient,
  { issuer, subject, username }: ProviderPerson,
  linkByName: boolean,
): Promise<Known | 'nameTaken' | undefined> {
  const find = async (condition: string, values: readonly string[]): Promise<Known | undefined> => {
    const found = await client.query<Known>(
      `SELECT id, username, disabled_at IS NOT NULL AS "isDisabled", provider_subject AS subject FROM app_user
       WHERE ${condition} FOR UPDATE`,
      [...values],
    );
    return found.rows[0];
  };
  const bound = await find('provider_issuer = $1 AND provider_subject = $2', [issuer, subject]);
  if (bound !== undefined || username === undefined) return bound;
  const named = await find('username = $1', [username]);
  if (named === undefined) return undefined;
  return linkByName && named.subject === null ? named : 'nameTaken';
}

async function grantsOf(client: PoolClient, { grants, defaultGrant }: ProviderPerson, userId: string | undefined) {
  const given = grants ?? (userId === undefined ? [] : await ownGrants(client, userId));
  // Where roles are given here, somebody from whom all were taken stays without.
  const hasDefault = grants !== undefined || userId === undefined;
  const wanted = given.length === 0 && hasDefault && defaultGrant !== undefined ? [defaultGrant] : given;
  const possible = await possibleGrants(client, wanted);
  return { grants: possible, missing: wanted.filter((grant) => !possible.includes(grant)) };
}

async function ownGrants(client: PoolClient, userId: string): Promise<readonly Grant[]> {
  const found = await client.query<Grant>(
    `SELECT g.role, s.address AS site, lg.address AS group FROM access_grant AS g LEFT JOIN site AS s ON s.id = g.site_id
     LEFT JOIN lamp_group AS lg ON lg.id = g.group_id WHERE g.user_id = $1`,
    [userId],
  );
  return found.rows;
}

async function setGrants(client: PoolClient, id: string, grants: readonly Grant[], nowMs: number): Promise<void> {
  const keys = (all: readonly Grant[]) =>
    all.map(({ role, site, group }) => JSON.stringify([role, site, group])).sort();
  if (keys(await ownGrants(client, id)).join() === keys(grants).join()) return;
  await replaceGrants(client, { userId: id }, grants);
  await client.query(`UPDATE app_user SET updated_at = ${instant('$2')}, version = version + 1 WHERE id = $1`, [
    id,
    nowMs,
  ]);
}

async function takeAway(client: PoolClient, id: string, nowMs: number): Promise<void> {
  await setGrants(client, id, [], nowMs);
  await endSessions(client, id, 'revoked', nowMs);
}

/** A code that whoever knows what the challenge was made of can change into a session of this user, once. */
export async function issueCode(pool: Pool, userId: string, codeChallenge: string, nowMs: number): Promise<string> {
  const code = newToken('code');
  await pool.query(`DELETE FROM provider_code WHERE expires_at <= ${instant('$1')}`, [nowMs]);
  await pool.query(
    `INSERT INTO provider_code (hash, user_id, code_challenge, expires_at) VALUES ($1, $2, $3, ${instant('$4')})`,
    [hashToken(code), userId, codeChallenge, nowMs + CODE_LIFE_MS],
  );
  return code;
}

/** Uses it up, whatever comes of it. Undefined: not known, over, or used. */
export async function takeCode(
  pool: Pool,
  code: string,
  nowMs: number,
): Promise<{ readonly userId: string; readonly username: string; readonly codeChallenge: string } | undefined> {
  const taken = await pool.query<{ userId: string; username: string; codeChallenge: string }>(
    `DELETE FROM provider_code AS c USING app_user AS u WHERE c.hash = $1 AND c.expires_at > ${instant('$2')} AND u.id = c.user_id
     RETURNING u.id AS "userId", u.username, c.code_challenge AS "codeChallenge"`,
    [hashToken(code), nowMs],
  );
  return taken.rows[0];
}
