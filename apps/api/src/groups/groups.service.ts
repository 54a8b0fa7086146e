import { Injectable } from '@nestjs/common';
import { LampGroupRepository, LampRepository, type ExpectedVersion, type LampGroupWithLamps } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import type { createGroup, groupLampsChanged, groupView, updateGroup } from './group.schema.js';

type GroupView = z.infer<typeof groupView>;

@Injectable()
export class GroupsService {
  constructor(
    private readonly sites: SitesService,
    private readonly groups: LampGroupRepository,
    private readonly lamps: LampRepository,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const rows = await this.groups.list(await this.sites.find(site), cursor, limit + 1);
    return toPage(rows, limit, (group) => group.address, toView);
  }

  async get(site: string, address: string): Promise<GroupView> {
    return toView(await this.groups.get(await this.sites.find(site), address));
  }

  async create(site: string, data: z.infer<typeof createGroup>): Promise<GroupView> {
    return toView(await this.groups.create(await this.sites.find(site), data));
  }

  async update(site: string, address: string, changes: z.infer<typeof updateGroup>, expected: ExpectedVersion) {
    return toView(await this.groups.update(await this.sites.find(site), address, changes, expected));
  }

  async remove(site: string, address: string, expected: ExpectedVersion): Promise<void> {
    await this.groups.remove(await this.sites.find(site), address, expected);
  }

  async changeLamps(
    siteAddress: string,
    address: string,
    add: readonly string[],
    remove: readonly string[],
  ): Promise<z.infer<typeof groupLampsChanged>> {
    const site = await this.sites.find(siteAddress);
    const change = await this.groups.changeMembers(site, address, add, remove);
    return { ...change, lampCount: (await this.groups.get(site, address)).lampCount };
  }

  /** Puts one lamp in or takes it out; doing it again changes nothing. */
  async changeLamp(siteAddress: string, address: string, lamp: string, member: boolean): Promise<void> {
    const site = await this.sites.find(siteAddress);
    await this.groups.get(site, address);
    await this.lamps.get(site, lamp);
    await this.groups.changeMembers(site, address, member ? [lamp] : [], member ? [] : [lamp]);
  }
}

function toView(group: LampGroupWithLamps): GroupView {
  const { address, name, thresholds, lampCount, version } = group;
  return {
    ...{ address, name, thresholds, lampCount, version },
    createdAt: group.createdAt.toISOString(),
    updatedAt: group.updatedAt.toISOString(),
  };
}
