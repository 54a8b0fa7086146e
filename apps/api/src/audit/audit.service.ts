import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { POOL } from '#libs/platform';
import { allAudit, listAudit, type AuditFilter, type AuditRow, type Pool } from '#libs/storage';
import type { z } from 'zod';
import { csvLines } from '../fault-reports/report-csv.js';
import { toPage } from '../http/cursor.js';
import { toInstant } from '../http/time-range.js';
import { SitesService } from '../sites/sites.service.js';
import { auditEntry, type AuditQuery } from './audit.schema.js';

type AuditEntry = z.infer<typeof auditEntry>;
const COLUMNS = Object.keys(auditEntry.shape) as (keyof AuditEntry)[];

@Injectable()
export class AuditService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    private readonly sites: SitesService,
  ) {}

  async list(query: AuditQuery) {
    const { cursor, limit } = query;
    const rows = await listAudit(this.pool, await this.filter(query), cursor, limit + 1);
    return toPage(rows, limit, (row) => row.id, toEntry);
  }

  /** All of it, in pieces. What is wrong in the query is said before the first of them. */
  async csv(query: AuditQuery): Promise<AsyncGenerator<Buffer>> {
    return this.pieces(await this.filter(query));
  }

  private async *pieces(filter: AuditFilter): AsyncGenerator<Buffer> {
    yield Buffer.from(`${COLUMNS.join(',')}\r\n`);
    for await (const page of allAudit(this.pool, filter)) {
      const rows = page.map((row) => ({ ...toEntry(row), before: asText(row.before), after: asText(row.after) }));
      yield Buffer.from(csvLines(COLUMNS, rows));
    }
  }

  private async filter({ site, from, to, entity, name, actor, correlationId }: AuditQuery): Promise<AuditFilter> {
    const at = (moment: string | undefined) => (moment === undefined ? undefined : toInstant(moment, 'UTC'));
    const [begin, end] = [at(from), at(to)];
    if (begin !== undefined && end !== undefined && begin >= end) {
      throw new DomainError('invalid', 'The time range is empty: from must be before to', [
        { at: 'query/to', problem: `must be after ${begin.toISOString()}` },
      ]);
    }
    // What was changed in a site that is gone is found without naming it.
    if (site !== undefined) await this.sites.find(site);
    return { site, entity, name, actor, correlationId, from: begin, to: end };
  }
}

function toEntry({ userId: _userId, at, before, after, via, ...rest }: AuditRow): AuditEntry {
  return {
    ...rest,
    at: at.toISOString(),
    via: via as AuditEntry['via'],
    before: before === null ? null : { ...before },
    after: after === null ? null : { ...after },
  };
}

function asText(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
