import { Inject, Injectable } from '@nestjs/common';
import { POOL } from '#libs/platform';
import { listDeviceRollouts, listRollouts, type DeviceRolloutRow, type Pool } from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import type { deviceProgramQuery, deviceProgramView, rolloutList } from './rollout.schema.js';

@Injectable()
export class RolloutsService {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async list(siteAddress: string): Promise<z.infer<typeof rolloutList>> {
    const rows = await listRollouts(this.pool, (await this.sites.find(siteAddress)).id);
    return {
      items: rows.map((row) => ({ ...row, runningPercent: percentDown(row.runningDevices, row.devices) })),
    };
  }

  async devices(siteAddress: string, { cursor, limit, ...filter }: z.infer<typeof deviceProgramQuery>) {
    const site = await this.sites.find(siteAddress);
    const rows = await listDeviceRollouts(this.pool, site.id, filter, cursor, limit + 1);
    return toPage(rows, limit, ({ device }) => device, toView);
  }
}

/** To a tenth, down: 99.99 % are not all. */
function percentDown(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((1000 * part) / whole) / 10;
}

function toView(row: DeviceRolloutRow): z.infer<typeof deviceProgramView> {
  const { device, online, desiredHash, publishedHash, publishedAt, reportedHash, reportedAt, mismatchSince } = row;
  return {
    ...{ device, online, resends: row.resends },
    inStep: reportedHash === desiredHash,
    desired: { hash: desiredHash, at: row.desiredAt.toISOString(), programs: [...row.desiredPrograms] },
    published:
      publishedHash === null || publishedAt === null ? null : { hash: publishedHash, at: publishedAt.toISOString() },
    reported: reportedAt === null ? null : { hash: reportedHash, at: reportedAt.toISOString() },
    runningPrograms: row.runningPrograms === null ? null : [...row.runningPrograms],
    programMismatch: mismatchSince !== null,
    programMismatchSince: mismatchSince?.toISOString() ?? null,
  };
}
