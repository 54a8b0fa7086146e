import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import {
  createCrew,
  getCrew,
  listCrews,
  removeCrew,
  updateCrew,
  type Crew,
  type ExpectedVersion,
  type Pool,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import type { createCrew as createSchema, crewView, updateCrew as updateSchema } from './crew.schema.js';

type CrewView = z.infer<typeof crewView>;

@Injectable()
export class CrewsService {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const rows = await listCrews(this.pool, (await this.sites.find(site)).id, cursor, limit + 1);
    return toPage(rows, limit, (crew) => crew.address, toView);
  }

  async get(site: string, address: string): Promise<CrewView> {
    return toView(await getCrew(this.pool, await this.sites.find(site), address));
  }

  async create(site: string, data: z.infer<typeof createSchema>): Promise<CrewView> {
    return toView(await createCrew(this.pool, await this.sites.find(site), data, this.clock.nowMs()));
  }

  async update(site: string, address: string, changes: z.infer<typeof updateSchema>, expected: ExpectedVersion) {
    const found = await this.sites.find(site);
    return toView(await updateCrew(this.pool, found, address, changes, expected, this.clock.nowMs()));
  }

  async remove(site: string, address: string, expected: ExpectedVersion): Promise<void> {
    await removeCrew(this.pool, await this.sites.find(site), address, expected);
  }
}

function toView({ address, name, language, channelCount, createdAt, updatedAt, version }: Crew): CrewView {
  return {
    ...{ address, name, language, channelCount, version },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
