import { randomBytes } from 'node:crypto';
import type { AlertEvent, HoursWindow } from '#libs/alerts';
import type { Severity } from '#libs/faults';
import { DomainError, type Fault } from '#libs/kernel';
import { checkVersion, type ExpectedVersion } from '../inventory/versioned.js';
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { instant } from './alert-sql.js';
import { getCrew } from './crews.js';

/** Groups and cabinets by their addresses. */
export type NamedArea =
  | { readonly kind: 'site' }
  | { readonly kind: 'listed'; readonly groups: readonly string[]; readonly cabinets: readonly string[] };

/** Minutes by severity after which what nobody has acknowledged is escalated. */
export type EscalationAfterMin = Partial<Record<Severity, number>>;

export interface ChannelData {
  readonly kind: 'email' | 'webhook';
  readonly target: string;
  readonly minimumSeverity: Severity;
  readonly events: readonly AlertEvent[];
  readonly area: NamedArea;
  readonly hours: readonly HoursWindow[];
  readonly digestAt: string | null;
  readonly escalationAfterMin: EscalationAfterMin | null;
}

/** A way to a crew. Its secret is not in here. */
export interface CrewChannel extends ChannelData {
  readonly id: string;
  readonly siteId: number;
  readonly crew: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

interface SiteOfChannel {
  readonly id: number;
  readonly address: string;
}

const SELECT = `
  SELECT c.id, c.site_id AS "siteId", crew.address AS crew, c.kind, c.target, c.minimum_severity AS "minimumSeverity", c.events,
    c.hours, c.digest_at AS "digestAt", c.escalation_after_min AS "escalationAfterMin", c.created_at AS "createdAt",
    c.updated_at AS "updatedAt", c.version,
    CASE c.area_kind WHEN 'site' THEN json_build_object('kind', 'site') ELSE json_build_object('kind', 'listed',
      'groups', ARRAY(SELECT g.address FROM crew_channel_area AS a JOIN lamp_group AS g ON g.id = a.group_id
        WHERE a.channel_id = c.id ORDER BY 1),
      'cabinets', ARRAY(SELECT b.address FROM crew_channel_area AS a JOIN cabinet AS b ON b.id = a.cabinet_id
        WHERE a.channel_id = c.id ORDER BY 1)) END AS area
  FROM crew_channel AS c JOIN crew ON crew.id = c.crew_id`;

/** Every channel of a crew, the oldest first. */
export async function listChannels(pool: Pool, site: SiteOfChannel, crew: string): Promise<CrewChannel[]> {
  const { id } = await getCrew(pool, site, crew);
  const found = await pool.query<CrewChannel>(`${SELECT} WHERE c.crew_id = $1 ORDER BY c.serial`, [id]);
  return found.rows;
}

export async function getChannel(
  db: Pool | PoolClient,
  site: SiteOfChannel,
  crew: string,
  id: string,
): Promise<CrewChannel> {
  const found = await db.query<CrewChannel>(
    `${SELECT} WHERE c.site_id = $1 AND crew.address = $2 AND c.id = $3::uuid`,
    [site.id, crew, id],
  );
  const [channel] = found.rows;
  if (channel === undefined)
    throw new DomainError('notFound', `Crew ${crew} in site ${site.address} has no channel ${id}`);
  return channel;
}

/** `secret` signs its webhooks and is not given again; undefined for email. */
export function createChannel(
  pool: Pool,
  site: SiteOfChannel,
  crewAddress: string,
  data: ChannelData,
  nowMs: number,
): Promise<{ channel: CrewChannel; secret: string | undefined }> {
  return inTransaction(pool, async (client) => {
    const crew = await getCrew(client, site, crewAddress);
    const secret = data.kind === 'webhook' ? newSecret() : undefined;
    const inserted = await client.query<{ id: string }>(
      `INSERT INTO crew_channel (site_id, crew_id, kind, target, secret, minimum_severity, events, area_kind, hours, digest_at,
         escalation_after_min, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${instant('$12')}, ${instant('$12')}) RETURNING id`,
      [site.id, crew.id, data.kind, data.target, secret ?? null, ...settingsOf(data), nowMs],
    );
    const id = inserted.rows[0]?.id as string;
    await writeArea(client, site, id, data.area);
    return { channel: await getChannel(client, site, crewAddress, id), secret };
  });
}

export function updateChannel(
  pool: Pool,
  site: SiteOfChannel,
  crew: string,
  id: string,
  change: (channel: CrewChannel) => ChannelData,
  expected: ExpectedVersion,
  nowMs: number,
): Promise<CrewChannel> {
  return inTransaction(pool, async (client) => {
    const channel = await lockChannel(client, site, crew, id, expected);
    const data = change(channel);
    if (JSON.stringify(comparable(data)) === JSON.stringify(comparable(channel))) return channel;
    await client.query(
      `UPDATE crew_channel SET target = $2, minimum_severity = $3, events = $4, area_kind = $5, hours = $6, digest_at = $7,
         escalation_after_min = $8, updated_at = ${instant('$9')}, version = version + 1 WHERE id = $1`,
      [id, data.target, ...settingsOf(data), nowMs],
    );
    await client.query('DELETE FROM crew_channel_area WHERE channel_id = $1', [id]);
    await writeArea(client, site, id, data.area);
    return getChannel(client, site, crew, id);
  });
}

/** What waits in it goes with it. */
export async function removeChannel(
  pool: Pool,
  site: SiteOfChannel,
  crew: string,
  id: string,
  expected: ExpectedVersion,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockChannel(client, site, crew, id, expected);
    await client.query('DELETE FROM crew_channel WHERE id = $1', [id]);
  });
}

/** A new secret for a webhook; the old one is worth nothing from now on. */
export function renewSecret(
  pool: Pool,
  site: SiteOfChannel,
  crew: string,
  id: string,
  expected: ExpectedVersion,
  nowMs: number,
): Promise<{ channel: CrewChannel; secret: string }> {
  return inTransaction(pool, async (client) => {
    const { kind } = await lockChannel(client, site, crew, id, expected);
    if (kind !== 'webhook') throw new DomainError('conflict', 'Emails are not signed: this channel has no secret');
    const secret = newSecret();
    await client.query(
      `UPDATE crew_channel SET secret = $2, updated_at = ${instant('$3')}, version = version + 1 WHERE id = $1`,
      [id, secret, nowMs],
    );
    return { channel: await getChannel(client, site, crew, id), secret };
  });
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64url')}`;
}

function settingsOf(data: ChannelData): unknown[] {
  const { minimumSeverity, events, area, hours, digestAt, escalationAfterMin } = data;
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return [minimumSeverity, json(events), area.kind, json(hours), digestAt, json(escalationAfterMin)];
}

function comparable(data: ChannelData): unknown {
  const { target, area } = data;
  const sorted = (list: readonly string[]) => [...list].sort();
  const listed = area.kind === 'site' ? [] : [sorted(area.groups), sorted(area.cabinets)];
  const escalation = Object.entries(data.escalationAfterMin ?? {}).sort();
  return [
    target,
    listed,
    escalation,
    data.escalationAfterMin === null,
    ...settingsOf({ ...data, escalationAfterMin: null }),
  ];
}

async function lockChannel(
  client: PoolClient,
  site: SiteOfChannel,
  crew: string,
  id: string,
  expected: ExpectedVersion,
): Promise<CrewChannel> {
  await client.query('SELECT 1 FROM crew_channel WHERE site_id = $1 AND id = $2::uuid FOR UPDATE', [site.id, id]);
  const channel = await getChannel(client, site, crew, id);
  checkVersion(channel.version, expected, `channel ${id} of crew ${crew}`);
  return channel;
}

async function writeArea(client: PoolClient, site: SiteOfChannel, id: string, area: NamedArea): Promise<void> {
  if (area.kind === 'site') return;
  const groups = await idsOf(client, site, 'lamp_group', area.groups);
  const cabinets = await idsOf(client, site, 'cabinet', area.cabinets);
  const faults: Fault[] = [
    ...missing(area.groups, groups, 'groups', 'group', site),
    ...missing(area.cabinets, cabinets, 'cabinets', 'cabinet', site),
  ];
  if (faults.length > 0) {
    throw new DomainError('invalid', 'The area names something that does not exist: see errors', faults.slice(0, 100));
  }
  await client.query(
    `INSERT INTO crew_channel_area (channel_id, group_id, cabinet_id)
     SELECT $1::uuid, group_id, NULL::int FROM unnest($2::int[]) AS group_id UNION ALL SELECT $1::uuid, NULL, cabinet_id FROM unnest($3::int[]) AS cabinet_id`,
    [id, [...groups.values()], [...cabinets.values()]],
  );
}

async function idsOf(
  client: PoolClient,
  site: SiteOfChannel,
  table: 'lamp_group' | 'cabinet',
  addresses: readonly string[],
): Promise<Map<string, number>> {
  const found = await client.query<{ id: number; address: string }>(
    `SELECT id, address FROM ${table} WHERE site_id = $1 AND address = ANY($2::text[])`,
    [site.id, addresses],
  );
  return new Map(found.rows.map(({ id, address }) => [address, id]));
}

function missing(
  wanted: readonly string[],
  found: ReadonlyMap<string, number>,
  at: string,
  what: string,
  site: SiteOfChannel,
): Fault[] {
  return wanted.flatMap((address, index) =>
    found.has(address)
      ? []
      : [{ at: `/area/${at}/${index}`, problem: `there is no ${what} ${address} in site ${site.address}` }],
  );
}
