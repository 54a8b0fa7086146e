import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { DomainError, localDateOf } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { LampRepository, TelemetryRepository, type Measure } from '#libs/storage';
import type { z } from 'zod';
import { timeRange, toInstant } from '../http/time-range.js';
import { SitesService } from '../sites/sites.service.js';
import { MEASURES, RESOLUTIONS, type Resolution, type telemetryQuery, type telemetryView } from './telemetry.schema.js';

const DAY_MS = 86_400_000;
const MAX_DAYS = 732;
/** Buckets in one answer, whatever resolution was asked for. */
const MAX_BUCKETS = 20_000;

/** The finest size of buckets of which no more than `maxPoints` are needed; the coarsest when none is coarse enough. */
export function chooseResolution(rangeMs: number, maxPoints: number): Resolution {
  const sizes = Object.entries(RESOLUTIONS) as [Resolution, number][];
  // A range that begins within a bucket touches one more.
  return sizes.find(([, seconds]) => Math.ceil(rangeMs / (seconds * 1000)) + 1 <= maxPoints)?.[0] ?? 'P7D';
}

/** The coarser of two. */
function atLeast(wanted: Resolution, least: Resolution): Resolution {
  return RESOLUTIONS[wanted] < RESOLUTIONS[least] ? least : wanted;
}

@Injectable()
export class TelemetryService {
  constructor(
    private readonly sites: SitesService,
    private readonly lamps: LampRepository,
    private readonly telemetry: TelemetryRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(
    siteAddress: string,
    lampAddress: string,
    query: z.infer<typeof telemetryQuery>,
  ): Promise<z.infer<typeof telemetryView>> {
    const site = await this.sites.find(siteAddress);
    const lamp = await this.lamps.getWithHistory(site, lampAddress);
    const end = query.to === undefined ? new Date(this.clock.nowMs()) : toInstant(query.to, site.timeZone);
    const begin = query.from === undefined ? new Date(end.getTime() - DAY_MS) : toInstant(query.from, site.timeZone);
    const { from, to } = timeRange(begin, end, MAX_DAYS, 'ask for a shorter one, or for several');
    const measures = query.measures ?? MEASURES;
    const kept = await this.telemetry.keptSince();
    const averagedMs = Math.min(to.getTime(), kept.readingsSinceMs);
    const isAveraged = from.getTime() < averagedMs;
    const frame = {
      ...{ lamp: lamp.address, from: from.toISOString(), to: to.toISOString() },
      averagedUntil: isAveraged ? new Date(averagedMs).toISOString() : null,
    };
    if (
      !isAveraged &&
      query.resolution === undefined &&
      (await this.telemetry.fits(lamp.id, from, to, query.maxPoints))
    ) {
      const readings = await this.readings(lamp.id, from, to, measures, query.maxPoints);
      return { ...frame, resolution: 'raw', bucketS: null, readings, buckets: null };
    }
    const wanted = query.resolution ?? chooseResolution(to.getTime() - from.getTime(), query.maxPoints);
    const resolution = atLeast(wanted, from.getTime() < kept.hoursSinceMs ? 'P1D' : isAveraged ? 'PT1H' : 'PT1M');
    const bucketS = RESOLUTIONS[resolution];
    refuseTooMany(from, to, bucketS, resolution);
    const buckets = await this.buckets(lamp.id, from, to, measures, bucketS, site.timeZone);
    return { ...frame, resolution, bucketS, readings: null, buckets };
  }

  private async readings(lampId: number, from: Date, to: Date, measures: readonly Measure[], max: number) {
    const rows = await this.telemetry.readings(lampId, from, to, measures, max);
    return rows.map(({ time, ...values }) => ({ time: time.toISOString(), values }));
  }

  /** Buckets are counted from the local midnight before the range, so that days are the site's days (but for clock changes). */
  private async buckets(
    lampId: number,
    from: Date,
    to: Date,
    measures: readonly Measure[],
    bucketS: number,
    timeZone: string,
  ) {
    const localDay = localDateOf(from.getTime(), timeZone);
    const rows = await this.telemetry.buckets(lampId, from, to, measures, bucketS, toInstant(localDay, timeZone));
    return rows.map((row) => ({ start: row.start.toISOString(), count: row.count, values: row.measures }));
  }
}

function refuseTooMany(from: Date, to: Date, bucketS: number, resolution: Resolution): void {
  const count = Math.ceil((to.getTime() - from.getTime()) / (bucketS * 1000));
  if (count <= MAX_BUCKETS) return;
  throw new DomainError('invalid', `${resolution} over this range makes ${count} buckets, more than ${MAX_BUCKETS}`, [
    { at: 'query/resolution', problem: 'must be coarser, or the range shorter' },
  ]);
}
