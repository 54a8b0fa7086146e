import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { LampRepository, LampStateRepository, type LampStateRow } from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { toLampFilter } from '../lamps/lamp-filter.schema.js';
import { SitesService } from '../sites/sites.service.js';
import type { lampStateQuery, lampStateView } from './lamp-state.schema.js';

type LampStateView = z.infer<typeof lampStateView>;

@Injectable()
export class LampStatesService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    private readonly states: LampStateRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(siteAddress: string, { cursor, limit, stale, ...filter }: z.infer<typeof lampStateQuery>) {
    const site = await this.sites.find(siteAddress);
    const nowMs = this.clock.nowMs();
    const rows = await this.states.list(site, { ...toLampFilter(filter), stale }, new Date(nowMs), cursor, limit + 1);
    return toPage(
      rows,
      limit,
      (row) => row.lamp,
      (row) => toLampState(row, nowMs),
    );
  }

  async get(siteAddress: string, address: string): Promise<LampStateView> {
    const site = await this.sites.find(siteAddress);
    const { address: lamp } = await this.lamps.get(site, address);
    const nowMs = this.clock.nowMs();
    const [row] = await this.states.list(site, { lamp }, new Date(nowMs), undefined, 1);
    if (row === undefined) throw new DomainError('notFound', `There is no lamp ${address} in site ${siteAddress}`);
    return toLampState(row, nowMs);
  }
}

/** What a lamp's newest reading means at `nowMs`. */
export function toLampState(row: LampStateRow, nowMs: number): LampStateView {
  const { lamp, device, deviceOnline, staleAfterS, time, receivedAt, events, ...measures } = row;
  const ageS = time === null ? null : Math.max(0, Math.round((nowMs - time.getTime()) / 1000));
  const current = time !== null && nowMs - time.getTime() <= staleAfterS * 1000;
  const reading = { ...measures, events: events === null ? null : [...events] };
  return {
    ...{ lamp, device, deviceOnline, current, ageS, staleAfterS },
    time: time?.toISOString() ?? null,
    receivedAt: receivedAt?.toISOString() ?? null,
    reading: current ? reading : null,
    lastKnown: !current && time !== null ? reading : null,
  };
}
