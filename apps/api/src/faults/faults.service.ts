import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { POOL } from '#libs/platform';
import {
  findFault,
  listFaultHistory,
  listFaultMembers,
  listFaults,
  type FaultRow,
  type Pool,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import { faultIdOf, toFaultView, toHistoryView, type FaultView } from './fault-view.js';
import type { faultHistoryQuery, faultMembersQuery, faultQuery } from './fault.schema.js';

const positionOf = ({ position }: FaultRow): string => position;

@Injectable()
export class FaultsService {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async list(siteAddress: string, { cursor, limit, ...filter }: z.infer<typeof faultQuery>) {
    const site = await this.sites.find(siteAddress);
    return toPage(await listFaults(this.pool, site.id, filter, cursor, limit + 1), limit, positionOf, toFaultView);
  }

  async get(siteAddress: string, fault: string): Promise<FaultView> {
    return toFaultView(await this.find(await this.sites.find(siteAddress), fault));
  }

  async members(siteAddress: string, fault: string, { cursor, limit }: z.infer<typeof faultMembersQuery>) {
    const { id } = await this.find(await this.sites.find(siteAddress), fault);
    return toPage(await listFaultMembers(this.pool, id, cursor, limit + 1), limit, positionOf, toFaultView);
  }

  async history(siteAddress: string, fault: string, { cursor, limit }: z.infer<typeof faultHistoryQuery>) {
    const { id } = await this.find(await this.sites.find(siteAddress), fault);
    const rows = await listFaultHistory(this.pool, id, cursor, limit + 1);
    return toPage(rows, limit, (row) => Number(row.id), toHistoryView);
  }

  /** The fault of a site; `pool` may be the client of a transaction. */
  async find(site: Site, fault: string, pool: Pick<Pool, 'query'> = this.pool): Promise<FaultRow> {
    const row = await findFault(pool, site.id, faultIdOf(fault));
    if (row === undefined) throw new DomainError('notFound', `There is no fault ${fault} in site ${site.address}`);
    return row;
  }
}
