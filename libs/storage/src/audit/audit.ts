import { SqlParameters } from '../inventory/sql-parameters.js';
import type { Pool } from '../pool.js';

/** What of the audit is meant. Everything that is given has to hold. */
export interface AuditFilter {
  readonly site?: string | undefined;
  readonly entity?: string | undefined;
  readonly name?: string | undefined;
  readonly actor?: string | undefined;
  readonly correlationId?: string | undefined;
  /** From (inclusive), to (exclusive). */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** One change of one row. */
export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly userId: string | null;
  readonly via: string | null;
  readonly viaId: string | null;
  readonly address: string | null;
  readonly correlationId: string | null;
  readonly entity: string;
  readonly entityId: string;
  readonly name: string;
  readonly site: string | null;
  readonly action: 'created' | 'changed' | 'deleted';
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** The latest first, below the id `before`. */
export async function listAudit(
  pool: Pool,
  filter: AuditFilter,
  before: number | undefined,
  take: number,
): Promise<AuditRow[]> {
  const parameters = new SqlParameters();
  const conditions = ['true'];
  const compare = (column: string, operator: string, value: unknown): void => {
    if (value !== undefined) conditions.push(`${column} ${operator} ${parameters.add(value)}`);
  };
  compare('site', '=', filter.site);
  compare('entity', '=', filter.entity);
  compare('name', '=', filter.name);
  compare('actor', '=', filter.actor);
  compare('correlation_id', '=', filter.correlationId);
  compare('at', '>=', filter.from);
  compare('at', '<', filter.to);
  compare('id', '<', before);
  const found = await pool.query<AuditRow>(
    `SELECT id::float8 AS id, at, actor, user_id AS "userId", via, via_id AS "viaId", address, correlation_id AS "correlationId", entity,
       entity_id AS "entityId", name, site, action, before, after
     FROM audit WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ${parameters.add(take)}`,
    parameters.values,
  );
  return found.rows;
}

/** All of it in pages, the latest first: it need not fit in memory. */
export async function* allAudit(pool: Pool, filter: AuditFilter, pageSize = 1_000): AsyncGenerator<AuditRow[]> {
  for (let before: number | undefined; ;) {
    const page = await listAudit(pool, filter, before, pageSize);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    before = page.at(-1)?.id;
  }
}
