import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { LampRepository, type ExpectedVersion, type LampRow } from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import { toLampFilter } from './lamp-filter.schema.js';
import type { createLamp, lampQuery, lampView, updateLamp } from './lamp.schema.js';

type LampView = z.infer<typeof lampView>;

@Injectable()
export class LampsService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(site: string, { cursor, limit, ...filter }: z.infer<typeof lampQuery>) {
    const rows = await this.lamps.list(await this.sites.find(site), toLampFilter(filter), cursor, limit + 1);
    return toPage(rows, limit, (lamp) => lamp.address, toView);
  }

  async get(site: string, address: string): Promise<LampView> {
    return toView(await this.lamps.get(await this.sites.find(site), address));
  }

  async create(site: string, data: z.infer<typeof createLamp>): Promise<LampView> {
    return toView(
      await this.lamps.create(await this.sites.find(site), { ...data, device: data.device ?? data.address }),
    );
  }

  async update(site: string, address: string, changes: z.infer<typeof updateLamp>, expected: ExpectedVersion) {
    return toView(await this.lamps.update(await this.sites.find(site), address, changes, expected));
  }

  async remove(site: string, address: string, expected: ExpectedVersion): Promise<void> {
    await this.lamps.remove(await this.sites.find(site), address, new Date(this.clock.nowMs()), expected);
  }
}

function toView(row: LampRow): LampView {
  const { id: _id, removedAt: _removedAt, createdAt, updatedAt, phase, groups, ...rest } = row;
  return {
    ...rest,
    phase: phase as LampView['phase'],
    groups: [...groups],
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
