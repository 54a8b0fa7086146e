import { TRY_FOR_MS, type AlertEvent, type DeliveryState } from '#libs/alerts';
import { DomainError } from '#libs/kernel';
import type { Pool } from '../pool.js';
import { instant, setState, statesBefore } from './alert-sql.js';

/** One message through one channel, or one line of a digest, as the outbox shows it. */
export interface DeliveryRow {
  readonly id: string;
  readonly serial: number;
  readonly kind: 'alert' | 'digest' | 'test';
  readonly state: DeliveryState;
  readonly crew: string;
  readonly channelId: string;
  readonly channelKind: 'email' | 'webhook';
  readonly target: string;
  readonly event: AlertEvent | null;
  readonly faultId: number | null;
  readonly digestId: string | null;
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly giveUpAt: Date;
  readonly attempts: number;
  readonly finishedAt: Date | null;
  readonly problem: string | null;
}

const SELECT = `
  SELECT d.id, d.serial::float8 AS serial, d.kind, d.state, crew.address AS crew, c.id AS "channelId", c.kind AS "channelKind", c.target,
    a.event, d.fault_id::float8 AS "faultId", d.digest_id AS "digestId", d.created_at AS "createdAt", d.due_at AS "dueAt",
    d.give_up_at AS "giveUpAt", d.attempts, d.finished_at AS "finishedAt", d.problem
  FROM delivery AS d JOIN crew_channel AS c ON c.id = d.channel_id JOIN crew ON crew.id = c.crew_id
  LEFT JOIN alert AS a ON a.id = d.alert_id`;

export interface DeliveryListing {
  readonly state?: DeliveryState | undefined;
  readonly faultId?: number | undefined;
  /** Go on below this serial. */
  readonly before?: number | undefined;
  readonly take: number;
}

/** Deliveries of a site, the latest first. */
export async function listDeliveries(
  pool: Pool,
  siteId: number,
  { state, faultId, before, take }: DeliveryListing,
): Promise<DeliveryRow[]> {
  const found = await pool.query<DeliveryRow>(
    `${SELECT} WHERE d.site_id = $1 AND ($2::text IS NULL OR d.state = $2) AND ($3::bigint IS NULL OR d.fault_id = $3)
       AND ($4::bigint IS NULL OR d.serial < $4) ORDER BY d.serial DESC LIMIT $5`,
    [siteId, state ?? null, faultId ?? null, before ?? null, take],
  );
  return found.rows;
}

export async function getDelivery(
  pool: Pool,
  site: { readonly id: number; readonly address: string },
  id: string,
): Promise<DeliveryRow> {
  const found = await pool.query<DeliveryRow>(`${SELECT} WHERE d.site_id = $1 AND d.id = $2::uuid`, [site.id, id]);
  const [row] = found.rows;
  if (row === undefined) throw new DomainError('notFound', `There is no delivery ${id} in site ${site.address}`);
  return row;
}

/** A message that only says that messages arrive. */
export async function requestTest(
  pool: Pool,
  channel: { readonly id: string; readonly siteId: number },
  nowMs: number,
): Promise<string> {
  const inserted = await pool.query<{ id: string }>(
    `INSERT INTO delivery (site_id, channel_id, kind, state, created_at, due_at, give_up_at)
     VALUES ($1, $2, 'test', 'pending', ${instant('$3')}, ${instant('$3')}, ${instant('$3')} + interval '10 minutes') RETURNING id`,
    [channel.siteId, channel.id, nowMs],
  );
  return inserted.rows[0]?.id as string;
}

/** A dead delivery is tried anew, for as long as a new one. False when it is not dead. */
export async function retryDelivery(pool: Pool, siteId: number, id: string, nowMs: number): Promise<boolean> {
  const retried = await pool.query(
    `WITH retried AS (
       UPDATE delivery SET ${setState('retried')}, due_at = ${instant('$3')}, attempts = 0, finished_at = NULL,
         give_up_at = ${instant('$3')} + make_interval(secs => ${TRY_FOR_MS / 1000})
       WHERE id = $2::uuid AND site_id = $1 AND state IN (${statesBefore('retried')}) RETURNING id
     ) SELECT pg_notify('alert_work', '') FROM retried`,
    [siteId, id, nowMs],
  );
  return retried.rowCount === 1;
}
