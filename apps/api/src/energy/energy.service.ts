import { Inject, Injectable } from '@nestjs/common';
import { pricedHours } from '#libs/energy';
import { DomainError, localDateOf, startOfLocalHour, type Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import {
  CabinetRepository,
  EnergyRepository,
  LampGroupRepository,
  LampRepository,
  TariffRepository,
  type Site,
} from '#libs/storage';
import { timeRange, toInstant } from '../http/time-range.js';
import { SitesService } from '../sites/sites.service.js';
import { foldEnergyRows } from './energy-view.js';
import type { EnergyQueryParameters, EnergyView } from './energy.schema.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_DAYS = 732;
const MAX_ROWS = 50_000;
const MAX_TARIFFS = 1000;

@Injectable()
export class EnergyService {
  constructor(
    private readonly sites: SitesService,
    private readonly cabinets: CabinetRepository,
    private readonly groups: LampGroupRepository,
    private readonly lamps: LampRepository,
    private readonly tariffs: TariffRepository,
    private readonly energy: EnergyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(siteAddress: string, query: EnergyQueryParameters): Promise<EnergyView> {
    const site = await this.sites.find(siteAddress);
    const { from, to } = this.period(query, site.timeZone);
    const { by, groupBy } = query;
    const tariffs = await this.tariffs.list(site, undefined, MAX_TARIFFS);
    const rows = await this.energy.series({
      siteId: site.id,
      timeZone: site.timeZone,
      ...{ from, to, by, groupBy },
      ...(await this.filter(site, query)),
      prices: pricedHours(tariffs, from.getTime(), to.getTime(), site.timeZone),
      limit: MAX_ROWS,
    });
    if (rows.length > MAX_ROWS) {
      throw new DomainError('invalid', `The answer has more than ${MAX_ROWS} rows`, [
        { at: 'query/by', problem: 'choose larger buckets, a shorter period, one cabinet or group, or groupBy=site' },
      ]);
    }
    const frame = {
      site: site.address,
      timeZone: site.timeZone,
      from: from.toISOString(),
      to: to.toISOString(),
      by,
      groupBy,
    };
    return { ...frame, ...foldEnergyRows(rows, site.co2GPerKwh) };
  }

  private period(query: EnergyQueryParameters, timeZone: string): { from: Date; to: Date } {
    const end =
      query.to === undefined
        ? new Date(startOfLocalHour(this.clock.nowMs(), timeZone) + HOUR_MS)
        : toInstant(query.to, timeZone);
    const begin =
      query.from === undefined
        ? toInstant(localDateOf(end.getTime() - 7 * DAY_MS, timeZone), timeZone)
        : toInstant(query.from, timeZone);
    const { from, to } = timeRange(begin, end, MAX_DAYS, 'ask for a shorter one, or for several');
    for (const [name, instant] of [['from', from] as const, ['to', to] as const]) {
      if (startOfLocalHour(instant.getTime(), timeZone) === instant.getTime()) continue;
      throw new DomainError(
        'invalid',
        `Energy is kept by the local hour, and ${instant.toISOString()} is not the start of one`,
        [{ at: `query/${name}`, problem: 'must be a day, or an instant on a full local hour' }],
      );
    }
    return { from, to };
  }

  private async filter(site: Site, { cabinet, group, lamp }: EnergyQueryParameters) {
    return {
      cabinetId: cabinet === undefined ? undefined : (await this.cabinets.get(site, cabinet)).id,
      groupId: group === undefined ? undefined : (await this.groups.get(site, group)).id,
      lampId: lamp === undefined ? undefined : (await this.lamps.getWithHistory(site, lamp)).id,
    };
  }
}
