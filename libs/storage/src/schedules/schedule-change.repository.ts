import { DomainError } from '#libs/kernel';
import type { DataSource } from 'typeorm';
import type { Site } from '../entities/index.js';
import type { ScheduleAction, ScheduleKind } from './schedule-history.js';

/** One change, without what it changed to. */
export interface ScheduleChange {
  readonly version: number;
  readonly action: ScheduleAction;
  readonly changedAt: Date;
  readonly changedBy: string | null;
  readonly comment: string | null;
}

export type ScheduleChangeWithContent = ScheduleChange & { readonly content: Readonly<Record<string, unknown>> };

const COLUMNS = `version, action, changed_at AS "changedAt", changed_by AS "changedBy", comment`;

/** Who changed programs, calendars and assignments, and when; stays readable when they are deleted. */
export class ScheduleChangeRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first, from the one before version `before`. Refuses what has never been. */
  async list(
    site: Site,
    kind: ScheduleKind,
    address: string,
    before: number | undefined,
    take: number,
  ): Promise<ScheduleChange[]> {
    const rows = await this.dataSource.query<ScheduleChange[]>(
      `SELECT ${COLUMNS} FROM schedule_change
        WHERE site_id = $1 AND kind = $2 AND address = $3 AND version < coalesce($4::integer, 2147483647)
        ORDER BY id DESC LIMIT $5`,
      [site.id, kind, address, before ?? null, take],
    );
    if (rows.length > 0 || before !== undefined) return rows;
    throw new DomainError('notFound', `There is and was no ${kind} ${address} in site ${site.address}`);
  }

  async get(site: Site, kind: ScheduleKind, address: string, version: number): Promise<ScheduleChangeWithContent> {
    const [row] = await this.dataSource.query<ScheduleChangeWithContent[]>(
      `SELECT ${COLUMNS}, content FROM schedule_change
        WHERE site_id = $1 AND kind = $2 AND address = $3 AND version = $4 ORDER BY id DESC LIMIT 1`,
      [site.id, kind, address, version],
    );
    if (row !== undefined) return row;
    throw new DomainError('notFound', `There is no version ${version} of ${kind} ${address} in site ${site.address}`);
  }
}
