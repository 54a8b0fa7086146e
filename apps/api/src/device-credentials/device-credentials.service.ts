import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import { brokerUsername } from '#libs/protocol';
import {
  createDeviceCredentials,
  getDeviceCredential,
  listDeviceCredentials,
  renewDeviceCredential,
  revokeDeviceCredential,
  type DeviceCredential,
  type NewDeviceCredential,
  type Pool,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import type { deviceCredentialView, deviceCredentialWithPassword } from './device-credential.schema.js';

type View = z.infer<typeof deviceCredentialView>;
type WithPassword = z.infer<typeof deviceCredentialWithPassword>;

/** Records who may come to the broker; control tells the broker. */
@Injectable()
export class DeviceCredentialsService {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const rows = await listDeviceCredentials(this.pool, await this.sites.find(site), {
      after: cursor,
      limit: limit + 1,
    });
    return toPage(
      rows,
      limit,
      ({ device }) => device,
      (row) => toView(site, row),
    );
  }

  async get(site: string, device: string): Promise<View> {
    return toView(site, await getDeviceCredential(this.pool, await this.sites.find(site), device));
  }

  async create(site: string, devices: readonly string[]): Promise<WithPassword[]> {
    const found = await this.sites.find(site);
    const made = await createDeviceCredentials(this.pool, found, devices, this.clock.nowMs());
    return made.map((row) => withPassword(site, row));
  }

  async renew(site: string, device: string): Promise<WithPassword> {
    const found = await this.sites.find(site);
    return withPassword(site, await renewDeviceCredential(this.pool, found, device, this.clock.nowMs()));
  }

  async revoke(site: string, device: string): Promise<void> {
    await revokeDeviceCredential(this.pool, await this.sites.find(site), device);
  }
}

function toView(site: string, { device, createdAt, changedAt }: DeviceCredential): View {
  return {
    device,
    username: brokerUsername(site, device),
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
  };
}

function withPassword(site: string, row: NewDeviceCredential): WithPassword {
  return { ...toView(site, row), password: row.password };
}
