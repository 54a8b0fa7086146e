import { Injectable } from '@nestjs/common';
import { SiteRepository, type ExpectedVersion, type Site } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import type { createSite, siteView, updateSite } from './site.schema.js';

type SiteView = z.infer<typeof siteView>;

@Injectable()
export class SitesService {
  constructor(private readonly sites: SiteRepository) {}

  /** Those that are known: all, or these addresses. */
  async list({ cursor, limit }: PageQuery, known: 'all' | readonly string[]) {
    return toPage(await this.sites.list(cursor, limit + 1, known), limit, (site) => site.address, toView);
  }

  /** The site itself, for the services of what stands in it. */
  find(address: string): Promise<Site> {
    return this.sites.get(address);
  }

  async get(address: string): Promise<SiteView> {
    return toView(await this.sites.get(address));
  }

  async create(data: z.infer<typeof createSite>): Promise<SiteView> {
    return toView(await this.sites.create(data));
  }

  async update(address: string, changes: z.infer<typeof updateSite>, expected: ExpectedVersion): Promise<SiteView> {
    return toView(await this.sites.update(address, changes, expected));
  }

  remove(address: string, expected: ExpectedVersion): Promise<void> {
    return this.sites.remove(address, expected);
  }
}

function toView(site: Site): SiteView {
  const { address, name, timeZone, latitude, longitude, co2GPerKwh, createdAt, updatedAt, version } = site;
  const { minimumLevelPercentByRoadClass } = site;
  return {
    ...{ address, name, timeZone, latitude, longitude, co2GPerKwh, minimumLevelPercentByRoadClass, version },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
