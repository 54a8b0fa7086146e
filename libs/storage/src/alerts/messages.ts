import type { AlertEvent, FaultFacts, Language, Message } from '#libs/alerts';
import type { Pool, PoolClient } from '../pool.js';
import { lampsOf, ms } from './alert-sql.js';

/** A delivery with everything its message is made of, but the links. */
export interface DeliveryMessage extends Omit<Message, 'notices' | 'deliveryId'> {
  readonly id: string;
  readonly channel: { readonly kind: 'email' | 'webhook'; readonly target: string; readonly secret: string | null };
  readonly notices: readonly FaultNotice[];
}

export interface FaultNotice {
  readonly event: AlertEvent;
  readonly atMs: number;
  readonly fault: FaultFacts;
}

interface Head {
  readonly id: string;
  readonly kind: Message['kind'];
  readonly atMs: number;
  readonly channelKind: 'email' | 'webhook';
  readonly target: string;
  readonly secret: string | null;
  readonly crewAddress: string;
  readonly crewName: string;
  readonly language: Language;
  readonly siteAddress: string;
  readonly siteName: string;
  readonly timeZone: string;
}

interface NoticeRow extends FaultFacts {
  readonly deliveryId: string;
  readonly event: AlertEvent;
  readonly atMs: number;
}

/** What deliveries have to say, by id; faults as they are now. Of a fault that a digest names twice, the last event. */
export async function readMessages(
  db: Pool | PoolClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeliveryMessage>> {
  const heads = await db.query<Head>(
    `SELECT d.id, d.kind, ${ms('d.created_at')} AS "atMs", c.kind AS "channelKind", c.target, c.secret, crew.address AS "crewAddress",
       crew.name AS "crewName", crew.language, site.address AS "siteAddress", site.name AS "siteName", site.time_zone AS "timeZone"
     FROM delivery AS d JOIN crew_channel AS c ON c.id = d.channel_id JOIN crew ON crew.id = c.crew_id
     JOIN site ON site.id = d.site_id WHERE d.id = ANY($1::uuid[])`,
    [ids],
  );
  const notices = Map.groupBy(await readNotices(db, ids), ({ deliveryId }) => deliveryId);
  return new Map(heads.rows.map((head) => [head.id, messageOf(head, notices.get(head.id) ?? [])]));
}

function messageOf(head: Head, rows: readonly NoticeRow[]): DeliveryMessage {
  const { id, kind, atMs, target, secret, timeZone } = head;
  return {
    ...{ id, kind, atMs },
    channel: { kind: head.channelKind, target, secret },
    crew: { address: head.crewAddress, name: head.crewName, language: head.language },
    site: { address: head.siteAddress, name: head.siteName, timeZone },
    notices: rows.map(({ deliveryId: _, event, atMs: eventMs, ...fault }) => ({ event, atMs: eventMs, fault })),
  };
}

/** Higher priorities first, then the older ones. */
async function readNotices(db: Pool | PoolClient, ids: readonly string[]): Promise<NoticeRow[]> {
  const found = await db.query<NoticeRow>(
    `WITH told AS (
       SELECT DISTINCT ON (coalesce(d.digest_id, d.id), d.fault_id) coalesce(d.digest_id, d.id) AS delivery_id, d.fault_id, d.alert_id
       FROM delivery AS d WHERE d.alert_id IS NOT NULL AND (d.id = ANY($1::uuid[]) OR d.digest_id = ANY($1::uuid[]))
       ORDER BY coalesce(d.digest_id, d.id), d.fault_id, d.alert_id DESC
     )
     SELECT told.delivery_id AS "deliveryId", a.event, ${ms('a.created_at')} AS "atMs", ${FAULT}
     FROM told JOIN alert AS a ON a.id = told.alert_id ${faultJoins('told.fault_id')}
     ORDER BY f.priority DESC, f.id`,
    [ids],
  );
  return found.rows;
}

const FAULT = `f.id, f.kind, f.severity, f.subject_kind AS "subjectKind", own.address AS lamp, f.device,
  coalesce(cabinet.address, own_cabinet.address) AS cabinet, coalesce(f.circuit, own.circuit) AS circuit,
  coalesce(place.streets, '{}') AS streets, own.pole,
  coalesce(own.latitude, CASE WHEN f.subject_kind = 'cabinet' THEN cabinet.latitude END, place.latitude, cabinet.latitude) AS latitude,
  coalesce(own.longitude, CASE WHEN f.subject_kind = 'cabinet' THEN cabinet.longitude END, place.longitude, cabinet.longitude) AS longitude,
  f.lamp_count AS "lampCount", f.evidence, ${ms('f.seen_at')} AS "sinceMs", ${ms('f.cleared_at')} AS "clearedAtMs",
  f.acknowledged_by AS "acknowledgedBy"`;

/** The fault `f` with where it is. Several lamps: the streets of the most of them, and their middle. */
function faultJoins(faultId: string): string {
  return `JOIN fault AS f ON f.id = ${faultId}
    LEFT JOIN lamp AS own ON own.id = f.lamp_id
    LEFT JOIN cabinet ON cabinet.id = f.cabinet_id LEFT JOIN cabinet AS own_cabinet ON own_cabinet.id = own.cabinet_id
    LEFT JOIN LATERAL (
      SELECT avg(latitude) AS latitude, avg(longitude) AS longitude,
        (array_agg(street ORDER BY lamps DESC, street) FILTER (WHERE street IS NOT NULL))[1:3] AS streets
      FROM (SELECT street, count(*) AS lamps, avg(latitude) AS latitude, avg(longitude) AS longitude
        FROM (${lampsOf('f')}) AS lamp GROUP BY street) AS by_street
    ) AS place ON true`;
}
