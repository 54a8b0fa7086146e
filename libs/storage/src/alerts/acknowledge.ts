import type { Pool } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { instant } from './alert-sql.js';

export type Acknowledgement =
  | { readonly kind: 'acknowledged'; readonly by: string }
  /** Somebody was faster. */
  | { readonly kind: 'already'; readonly by: string }
  /** The link has been used before. */
  | { readonly kind: 'used' }
  /** The delivery or the fault is gone. */
  | { readonly kind: 'unknown' };

interface Holder {
  readonly crew: string;
  readonly kind: 'email' | 'webhook';
  readonly target: string;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

/**
 * Acknowledges a fault in the name of the one to whom a delivery went: the fault, its history and the link that is used up, in one
 * transaction. A link works once, also when two come at the same moment.
 */
export function acknowledgeByLink(
  pool: Pool,
  deliveryId: string,
  faultId: string,
  nowMs: number,
): Promise<Acknowledgement> {
  return inTransaction(pool, async (client) => {
    const found = await client.query<Holder>(
      `SELECT crew.name AS crew, c.kind, c.target, f.acknowledged_at AS "acknowledgedAt", f.acknowledged_by AS "acknowledgedBy"
       FROM delivery AS d JOIN crew_channel AS c ON c.id = d.channel_id JOIN crew ON crew.id = c.crew_id
       JOIN fault AS f ON f.id = $2 AND f.site_id = d.site_id
       WHERE d.id = $1::uuid FOR UPDATE OF f`,
      [deliveryId, faultId],
    );
    const [holder] = found.rows;
    if (holder === undefined) return { kind: 'unknown' };
    const used = await client.query(
      `INSERT INTO used_link (delivery_id, fault_id, used_at) VALUES ($1, $2, ${instant('$3')}) ON CONFLICT DO NOTHING`,
      [deliveryId, faultId, nowMs],
    );
    if (used.rowCount === 0) return { kind: 'used' };
    if (holder.acknowledgedAt !== null) return { kind: 'already', by: holder.acknowledgedBy ?? '' };
    // The URL of a webhook is nobody's name, and may hold a key.
    const by = `${holder.crew} (${holder.kind === 'email' ? holder.target : 'webhook'})`;
    await client.query(
      `UPDATE fault SET acknowledged_at = ${instant('$2')}, acknowledged_by = $3, version = version + 1 WHERE id = $1`,
      [faultId, nowMs, by],
    );
    await client.query(
      `INSERT INTO fault_history (fault_id, at, event, by, text) VALUES ($1, ${instant('$2')}, 'acknowledged', $3, 'by the link in a message')`,
      [faultId, nowMs, by],
    );
    return { kind: 'acknowledged', by };
  });
}

/** Whether the link of a delivery to a fault has been used. */
export async function isLinkUsed(pool: Pool, deliveryId: string, faultId: string): Promise<boolean> {
  const found = await pool.query('SELECT 1 FROM used_link WHERE delivery_id = $1::uuid AND fault_id = $2', [
    deliveryId,
    faultId,
  ]);
  return found.rowCount === 1;
}
