import { DomainError } from '#libs/kernel';
import { instant } from '../control/command-sql.js';
import { checkVersion, type ExpectedVersion } from '../inventory/versioned.js';
import type { PoolClient } from '../pool.js';

/** A fault as far as people's work on it goes, locked until the end of the transaction. */
export interface FaultWork {
  readonly id: string;
  readonly phase: 'suspected' | 'open' | 'cleared' | 'closed';
  readonly closedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly crewId: number | null;
}

/** Who does something, and when. */
export interface FaultAct {
  readonly nowMs: number;
  readonly by: string | undefined;
}

export interface FaultResolution {
  readonly resolution: string;
  readonly parts: string | null;
  /** For the history. */
  readonly text: string;
}

/** The fault, locked, at a version that the client expects. */
export async function lockFault(
  client: PoolClient,
  site: { readonly id: number; readonly address: string },
  id: string,
  expected: ExpectedVersion,
): Promise<FaultWork> {
  const found = await client.query<FaultWork & { version: number }>(
    `SELECT id, phase, closed_at AS "closedAt", acknowledged_at AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy",
       crew_id AS "crewId", version
     FROM fault WHERE site_id = $1 AND id = $2::bigint FOR UPDATE`,
    [site.id, id],
  );
  const row = found.rows[0];
  const what = `fault ${id} in site ${site.address}`;
  if (row === undefined) throw new DomainError('notFound', `There is no ${what}`);
  checkVersion(row.version, expected, what);
  return row;
}

export async function acknowledgeFault(client: PoolClient, id: string, act: FaultAct): Promise<void> {
  await change(client, id, `acknowledged_at = ${instant('$2')}, acknowledged_by = $3`, act);
  await note(client, id, 'acknowledged', act);
}

/** Hands it to a crew, or (null) takes it back. */
export async function assignFault(
  client: PoolClient,
  id: string,
  crew: FaultCrew | null,
  act: FaultAct,
  text?: string,
): Promise<void> {
  const assigned = `crew_id = $4, assigned_at = CASE WHEN $4::int IS NOT NULL THEN ${instant('$2')} END,
    assigned_by = CASE WHEN $4::int IS NOT NULL THEN $3 END`;
  await change(client, id, assigned, act, crew?.id ?? null);
  const whom = crew === null ? 'to no crew' : `to ${crew.address} (${crew.name})`;
  await note(client, id, 'assigned', act, text === undefined ? whom : `${whom}: ${text}`);
}

export async function commentFault(
  client: PoolClient,
  id: string,
  act: FaultAct,
  text: string,
  link: string | undefined,
): Promise<void> {
  await client.query('UPDATE fault SET version = version + 1 WHERE id = $1::bigint', [id]);
  await note(client, id, 'commented', act, text, link);
}

/** Notes what was done about it. The phase stays: only what is seen changes it. */
export async function resolveFault(
  client: PoolClient,
  id: string,
  { resolution, parts, text }: FaultResolution,
  act: FaultAct,
): Promise<void> {
  const resolved = `resolved_at = ${instant('$2')}, resolved_by = $3, resolution = $4, parts = $5`;
  await change(client, id, resolved, act, resolution, parts);
  await note(client, id, 'resolved', act, text);
}

export interface FaultCrew {
  readonly id: number;
  readonly address: string;
  readonly name: string;
}

/** A crew of the site; undefined when there is none at the address. */
export async function findFaultCrew(
  client: PoolClient,
  siteId: number,
  address: string,
): Promise<FaultCrew | undefined> {
  const found = await client.query<FaultCrew>(
    'SELECT id, address, name FROM crew WHERE site_id = $1 AND address = $2 FOR SHARE',
    [siteId, address],
  );
  return found.rows[0];
}

async function change(client: PoolClient, id: string, set: string, { nowMs, by }: FaultAct, ...more: unknown[]) {
  await client.query(`UPDATE fault SET ${set}, version = version + 1 WHERE id = $1::bigint`, [
    id,
    nowMs,
    by ?? null,
    ...more,
  ]);
}

async function note(client: PoolClient, id: string, event: string, act: FaultAct, text?: string, link?: string) {
  await client.query(
    `INSERT INTO fault_history (fault_id, at, event, by, text, link) VALUES ($1::bigint, ${instant('$2')}, $3, $4, $5, $6)`,
    [id, act.nowMs, event, act.by ?? null, text ?? null, link ?? null],
  );
}
