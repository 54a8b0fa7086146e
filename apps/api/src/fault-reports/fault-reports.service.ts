import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import {
  readAvailability,
  readDayBurners,
  readLampsDue,
  readLampTypeLife,
  readResponse,
  type AvailabilityRow,
  type DayBurnerRow,
  type Pool,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import { SitesService } from '../sites/sites.service.js';
import type {
  availabilityQuery,
  availabilityView,
  dayBurnersQuery,
  dayBurnersView,
  lifeQuery,
  lifeView,
  responseQuery,
  responseView,
} from './fault-report.schema.js';
import { darkOf, monthsOf, reportPeriod } from './report-period.js';

const YEAR_H = 8_766;

@Injectable()
export class FaultReportsService {
  constructor(
    private readonly sites: SitesService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async availability(
    siteAddress: string,
    { by, ...query }: z.infer<typeof availabilityQuery>,
  ): Promise<z.infer<typeof availabilityView>> {
    const { site, period, frame } = await this.begin(siteAddress, query);
    const whole = [{ key: site.address, ...period }];
    const asked = { siteId: site.id, ...period };
    const buckets = by === 'month' ? monthsOf(period, site.timeZone) : whole;
    const rows = await readAvailability(this.pool, asked, by, buckets);
    const [total] = await readAvailability(this.pool, asked, 'site', whole);
    return {
      ...frame,
      by,
      rows: rows.map((row) => ({ key: row.key, ...toAvailability(row) })),
      total: toAvailability(total ?? { lamps: 0, lampHours: 0, unavailableHours: 0, failures: 0 }),
    };
  }

  async life(
    siteAddress: string,
    { withinHours, limit }: z.infer<typeof lifeQuery>,
  ): Promise<z.infer<typeof lifeView>> {
    const site = await this.sites.find(siteAddress);
    const lampTypes = await readLampTypeLife(this.pool, site.id, withinHours);
    const due = await readLampsDue(this.pool, site.id, withinHours, limit);
    const rows = due.map(({ at, ...row }) => ({
      ...row,
      at: at.toISOString(),
      remainingHours: rounded(row.ratedLifeH - row.operatingHours),
      usedPercent: rounded((100 * row.operatingHours) / row.ratedLifeH),
    }));
    return { site: site.address, withinHours, lampTypes, rows };
  }

  async dayBurners(
    siteAddress: string,
    { limit, ...query }: z.infer<typeof dayBurnersQuery>,
  ): Promise<z.infer<typeof dayBurnersView>> {
    const { site, period, frame } = await this.begin(siteAddress, query);
    const found = await readDayBurners(this.pool, { siteId: site.id, ...period }, darkOf(period, site), limit);
    const rows = found.map((row) => {
      const { lamp, lampType, cabinet, street, pole, faults } = row;
      const kinds = row.kinds as z.infer<typeof dayBurnersView>['rows'][number]['kinds'];
      return { ...{ lamp, lampType, cabinet, street, pole, kinds, faults }, ...toBurning([row]) };
    });
    return { ...frame, rows, total: { lamps: rows.length, ...toBurning(found) } };
  }

  async response(siteAddress: string, query: z.infer<typeof responseQuery>): Promise<z.infer<typeof responseView>> {
    const { site, period, frame } = await this.begin(siteAddress, query);
    const rows = await readResponse(this.pool, { siteId: site.id, ...period });
    return { ...frame, rows: rows as z.infer<typeof responseView>['rows'] };
  }

  private async begin(siteAddress: string, query: z.infer<typeof responseQuery> | { from?: string; to?: string }) {
    const site: Site = await this.sites.find(siteAddress);
    const { timeZone } = site;
    const period = reportPeriod(query, timeZone, this.clock.nowMs());
    const { from, to } = period;
    return { site, period, frame: { site: site.address, timeZone, from: from.toISOString(), to: to.toISOString() } };
  }
}

function toAvailability({ lamps, lampHours, unavailableHours, failures }: Omit<AvailabilityRow, 'key'>) {
  return {
    ...{ lamps, failures },
    lampHours: rounded(lampHours),
    unavailableHours: rounded(unavailableHours),
    availabilityPercent: lampHours === 0 ? null : rounded(100 * (1 - unavailableHours / lampHours)),
    failuresPer1000LampYears: lampHours === 0 ? null : rounded((failures * 1000 * YEAR_H) / lampHours),
  };
}

function toBurning(rows: readonly DayBurnerRow[]) {
  const sum = (of: (row: DayBurnerRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    openHours: rounded(sum(({ openHours }) => openHours)),
    openEnergyKwh: rounded(sum(({ openEnergyWh }) => openEnergyWh) / 1000),
    dayHours: rounded(sum(({ dayHours }) => dayHours)),
    wastedKwh: rounded(sum(({ dayEnergyWh }) => dayEnergyWh) / 1000),
  };
}

/** What is beyond is noise of the arithmetic. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
