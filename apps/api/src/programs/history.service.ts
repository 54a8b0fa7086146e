import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { ScheduleChangeRepository, type Author, type ScheduleChange, type ScheduleKind } from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import type { ChangesQuery, changeView, versionView } from './versions.schema.js';

/** Who changed programs, calendars and assignments, and how they were. */
@Injectable()
export class HistoryService {
  constructor(
    private readonly sites: SitesService,
    private readonly changes: ScheduleChangeRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  author(user: string | undefined, comment?: string): Author {
    return { user: user ?? null, comment: comment ?? null, at: new Date(this.clock.nowMs()) };
  }

  async list(site: string, kind: ScheduleKind, address: string, { cursor, limit }: ChangesQuery) {
    // A cursor is any whole number; versions are smaller.
    const before = cursor === undefined ? undefined : Math.min(cursor, 2_147_483_647);
    const rows = await this.changes.list(await this.sites.find(site), kind, address, before, limit + 1);
    return toPage(rows, limit, (change) => change.version, toView);
  }

  async get(site: string, kind: ScheduleKind, address: string, version: number): Promise<z.infer<typeof versionView>> {
    const { content, ...change } = await this.changes.get(await this.sites.find(site), kind, address, version);
    return { ...toView(change), content };
  }
}

function toView({ changedAt, ...change }: ScheduleChange): z.infer<typeof changeView> {
  return { ...change, changedAt: changedAt.toISOString() };
}
