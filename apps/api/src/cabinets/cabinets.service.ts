import { Injectable } from '@nestjs/common';
import { CabinetRepository, type CabinetWithLamps, type ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import type { cabinetView, createCabinet, updateCabinet } from './cabinet.schema.js';

type CabinetView = z.infer<typeof cabinetView>;

@Injectable()
export class CabinetsService {
  constructor(
    private readonly sites: SitesService,
    private readonly cabinets: CabinetRepository,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const rows = await this.cabinets.list(await this.sites.find(site), cursor, limit + 1);
    return toPage(rows, limit, (cabinet) => cabinet.address, toView);
  }

  async get(site: string, address: string): Promise<CabinetView> {
    return toView(await this.cabinets.get(await this.sites.find(site), address));
  }

  async create(site: string, data: z.infer<typeof createCabinet>): Promise<CabinetView> {
    return toView(await this.cabinets.create(await this.sites.find(site), data));
  }

  async update(site: string, address: string, changes: z.infer<typeof updateCabinet>, expected: ExpectedVersion) {
    return toView(await this.cabinets.update(await this.sites.find(site), address, changes, expected));
  }

  async remove(site: string, address: string, expected: ExpectedVersion): Promise<void> {
    await this.cabinets.remove(await this.sites.find(site), address, expected);
  }
}

function toView(cabinet: CabinetWithLamps): CabinetView {
  const { address, name, latitude, longitude, supply, lampCount, version } = cabinet;
  return {
    ...{ address, name, latitude, longitude, supply, lampCount, version },
    createdAt: cabinet.createdAt.toISOString(),
    updatedAt: cabinet.updatedAt.toISOString(),
  };
}
