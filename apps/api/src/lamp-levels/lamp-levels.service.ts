import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import {
  LampRepository,
  listLampLevels,
  readSiteSchedules,
  type LampFilter,
  type Pool,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { toLampFilter } from '../lamps/lamp-filter.schema.js';
import { SitesService } from '../sites/sites.service.js';
import { toLampLevel, type LampLevelView } from './lamp-level-view.js';
import type { lampLevelQuery } from './lamp-level.schema.js';
import { WantedLevels } from './wanted-levels.js';

/** Lamps that are looked at in one go when few of them may be wanted. */
const LAMPS_PER_LOOK = 5_000;

@Injectable()
export class LampLevelsService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(siteAddress: string, { cursor, limit, status, ...query }: z.infer<typeof lampLevelQuery>) {
    const site = await this.sites.find(siteAddress);
    const found = await this.find(site, toLampFilter(query), status, cursor, limit + 1);
    return toPage(
      found,
      limit,
      ({ lamp }) => lamp,
      (level) => level,
    );
  }

  async get(siteAddress: string, address: string): Promise<LampLevelView> {
    const site = await this.sites.find(siteAddress);
    const { address: lamp } = await this.lamps.get(site, address);
    const [level] = await this.find(site, { lamp }, undefined, undefined, 1);
    if (level === undefined) throw new DomainError('notFound', `There is no lamp ${address} in site ${siteAddress}`);
    return level;
  }

  /** The status is decided here and not in the database: lamps are looked at until enough have it, or there are no more. */
  private async find(
    site: Site,
    filter: LampFilter & { readonly lamp?: string },
    status: LampLevelView['status'] | undefined,
    after: string | undefined,
    take: number,
  ): Promise<LampLevelView[]> {
    const nowMs = this.clock.nowMs();
    const wanted = await this.wantedLevels(site, nowMs);
    const atOnce = status === undefined ? take : LAMPS_PER_LOOK;
    const found: LampLevelView[] = [];
    for (let from = after; ;) {
      const rows = await listLampLevels(this.pool, site.id, filter, nowMs, from, atOnce);
      const levels = rows.map((row) => toLampLevel(row, wanted.of(row), nowMs));
      found.push(...levels.filter((level) => status === undefined || level.status === status));
      from = rows.at(-1)?.lamp;
      if (found.length >= take || rows.length < atOnce) return found.slice(0, take);
    }
  }

  private async wantedLevels(site: Site, nowMs: number): Promise<WantedLevels> {
    const schedules = await readSiteSchedules(this.pool, site.id);
    if (schedules === undefined) throw new DomainError('notFound', `There is no site ${site.address}`);
    return new WantedLevels(schedules, nowMs);
  }
}
