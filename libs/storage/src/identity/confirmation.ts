import { hashToken, newToken } from '#libs/identity';
import { instant } from '../control/command-sql.js';
import type { Pool, PoolClient } from '../pool.js';

/** A confirmation holds so long, ms. */
export const CONFIRMATION_LIFE_MS = 5 * 60_000;

/** What is confirmed, and by whom. */
export interface Confirmable {
  readonly asker: string;
  /** 32 bytes of what is asked for. */
  readonly requestHash: Buffer;
}

/** A token for this request of this asker; those that are over are forgotten. */
export async function issueConfirmation(
  pool: Pool,
  { asker, requestHash }: Confirmable,
  nowMs: number,
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const token = newToken('confirmation');
  await pool.query(`DELETE FROM confirmation WHERE expires_at <= ${instant('$1')}`, [nowMs]);
  await pool.query(
    `INSERT INTO confirmation (hash, asker, request_hash, expires_at) VALUES ($1, $2, $3, ${instant('$4')})`,
    [hashToken(token), asker, requestHash, nowMs + CONFIRMATION_LIFE_MS],
  );
  return { token, expiresAt: new Date(nowMs + CONFIRMATION_LIFE_MS) };
}

/** Whether the token confirms this request of this asker now. Once: it is used up, where `db` commits. */
export async function useConfirmation(
  db: Pool | PoolClient,
  token: string,
  { asker, requestHash }: Confirmable,
  nowMs: number,
): Promise<boolean> {
  const used = await db.query(
    `DELETE FROM confirmation WHERE hash = $1 AND asker = $2 AND request_hash = $3 AND expires_at > ${instant('$4')}`,
    [hashToken(token), asker, requestHash, nowMs],
  );
  return used.rowCount === 1;
}
