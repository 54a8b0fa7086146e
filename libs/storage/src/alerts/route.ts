import { TRY_FOR_MS, type AlertChannel, type AlertToRoute, type Route } from '#libs/alerts';
import type { PoolClient } from '../pool.js';
import { instant, lampsOf } from './alert-sql.js';

/** An alert of which nobody has decided yet to whom it goes. */
export interface UnroutedAlert extends AlertToRoute {
  readonly id: string;
  readonly siteId: number;
  readonly timeZone: string;
  readonly faultId: string;
  /** Of the message that brought the reading which made the event; null where none did. */
  readonly messageId: string | null;
}

/** Takes alerts that are not routed, the oldest first, until the end of the transaction. Several processes may do it at once. */
export async function takeUnroutedAlerts(client: PoolClient, take: number): Promise<UnroutedAlert[]> {
  const found = await client.query<UnroutedAlert>(
    `SELECT a.id, a.site_id AS "siteId", site.time_zone AS "timeZone", a.fault_id AS "faultId", a.event, f.severity,
       f.subject_kind = 'site' AS "isWholeSite", f.parent_id IS NOT NULL AS "isPart", a.channel_id AS "onlyChannelId",
       (SELECT message_id FROM fault_history AS h WHERE h.fault_id = a.fault_id AND h.event = a.event ORDER BY h.id DESC LIMIT 1) AS "messageId",
       array_remove(f.cabinet_id || ARRAY(SELECT DISTINCT cabinet_id FROM (${lampsOf('f')}) AS lamp), NULL) AS "cabinetIds",
       ARRAY(SELECT DISTINCT m.group_id FROM (${lampsOf('f')}) AS lamp JOIN lamp_group_member AS m ON m.lamp_id = lamp.id) AS "groupIds"
     FROM alert AS a JOIN fault AS f ON f.id = a.fault_id JOIN site ON site.id = a.site_id
     WHERE a.routed_at IS NULL ORDER BY a.id LIMIT $1 FOR UPDATE OF a SKIP LOCKED`,
    [take],
  );
  return found.rows;
}

/** The channels of sites, by site. */
export async function readAlertChannels(
  client: PoolClient,
  siteIds: readonly number[],
): Promise<ReadonlyMap<number, readonly AlertChannel[]>> {
  const found = await client.query<AlertChannel & { siteId: number }>(
    `SELECT c.site_id AS "siteId", c.id, c.minimum_severity AS "minimumSeverity", c.events, c.hours, c.digest_at AS "digestAt",
       json_build_object('kind', c.area_kind,
         'groupIds', ARRAY(SELECT group_id FROM crew_channel_area AS a WHERE a.channel_id = c.id AND group_id IS NOT NULL),
         'cabinetIds', ARRAY(SELECT cabinet_id FROM crew_channel_area AS a WHERE a.channel_id = c.id AND cabinet_id IS NOT NULL)) AS area
     FROM crew_channel AS c WHERE c.site_id = ANY($1::int[]) ORDER BY c.serial`,
    [siteIds],
  );
  return Map.groupBy(found.rows, ({ siteId }) => siteId);
}

/** Notes where alerts go, in the transaction that took them. Once for an alert and a channel, whatever happens. */
export async function writeRoutes(
  client: PoolClient,
  routed: readonly { readonly alert: UnroutedAlert; readonly routes: readonly Route[] }[],
  nowMs: number,
): Promise<void> {
  const rows = routed.flatMap(({ alert, routes }) => routes.map((route) => ({ alert, route })));
  await client.query(
    `INSERT INTO delivery (site_id, channel_id, kind, alert_id, fault_id, state, created_at, due_at, give_up_at)
     SELECT site_id, channel_id, 'alert', alert_id, fault_id, CASE how WHEN 'digest' THEN 'waiting' ELSE 'pending' END,
       ${instant('$7')}, ${instant('due')}, ${instant('due')} + make_interval(secs => ${TRY_FOR_MS / 1000})
     FROM unnest($1::int[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::float8[])
       AS input (site_id, channel_id, alert_id, fault_id, how, due)
     ON CONFLICT DO NOTHING`,
    [
      rows.map(({ alert }) => alert.siteId),
      rows.map(({ route }) => route.channelId),
      rows.map(({ alert }) => alert.id),
      rows.map(({ alert }) => alert.faultId),
      rows.map(({ route }) => route.how),
      rows.map(({ route }) => route.atMs),
      nowMs,
    ],
  );
  await client.query(`UPDATE alert SET routed_at = ${instant('$2')} WHERE id = ANY($1::bigint[])`, [
    routed.map(({ alert }) => alert.id),
    nowMs,
  ]);
}
