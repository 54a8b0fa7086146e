/**
 * What dashboards show and SQL cannot work out, of one site, as a list of steps: the sun of its nights -> what its lamps do and should do
 * now -> first and last light of the night -> energy, cost and full-power baseline by segment. A report that breaks off is made again.
 */
import { pricedHours } from '#libs/energy';
import { addDays, localDateOf, startOfLocalDate, type Clock } from '#libs/kernel';
import { dateOfNight } from '#libs/schedules';
import {
  firstEnergyMs,
  lastSampledMs,
  noteLampNights,
  noteSummed,
  readLampsToSample,
  readPowerModels,
  readSiteSchedules,
  readSummingSite,
  sitePrograms,
  storedNights,
  sumDays,
  sumHours,
  sumUpNights,
  writeLightingSamples,
  writeNights,
  type DarkHour,
  type Pool,
  type SiteSchedules,
  type SummingSite,
} from '#libs/storage';
import { darkHours, darkSpan, nightRow, type DarkSpan } from './night-rows.js';
import { sampleLighting } from './sample-lighting.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Nights whose sun is known: a year back, to compare, and the next week. */
const NIGHTS_BACK = 366;
const NIGHTS_AHEAD = 7;
const SAMPLE_MS = 15 * 60_000;
const KEEP_SAMPLES_DAYS = 60;
const KEEP_LAMP_NIGHTS = 35;
/** Readings that came since the last report are looked for so far back. */
const NOTE_BACK_MS = 2 * HOUR_MS;
/** How far back late readings are expected: once a day so many days are summed again; the first time, all there may be. */
const SUM_AGAIN_DAYS = 35;
const SUM_FIRST_DAYS = 400;
/** Days summed in one transaction. */
const SUM_STEP_DAYS = 7;

export class Reporter {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  /** One report of a site. */
  async report(siteId: number): Promise<void> {
    const schedules = await readSiteSchedules(this.pool, siteId);
    if (schedules === undefined) return;
    await this.nights(schedules);
    await this.sample(schedules);
    await this.lampNights(schedules);
    await this.energy(siteId);
  }

  private async nights({ siteId, place }: SiteSchedules): Promise<void> {
    const tonight = dateOfNight(this.clock.nowMs(), place.timeZone);
    const first = addDays(tonight, -NIGHTS_BACK);
    const stored = await storedNights(this.pool, siteId, first);
    const wanted = datesFrom(first, NIGHTS_BACK + NIGHTS_AHEAD + 1).filter(
      (night) => !stored.has(night) || night >= addDays(tonight, -1),
    );
    await writeNights(
      this.pool,
      siteId,
      wanted.map((night) => nightRow(place, night)),
    );
  }

  private async sample(schedules: SiteSchedules): Promise<void> {
    const nowMs = this.clock.nowMs();
    const { siteId } = schedules;
    const lastMs = await lastSampledMs(this.pool, siteId);
    const slotMs = Math.floor(nowMs / SAMPLE_MS) * SAMPLE_MS;
    if (lastMs !== undefined && lastMs >= slotMs) return;
    const lamps = await readLampsToSample(this.pool, siteId, nowMs);
    const samples = sampleLighting(lamps, await readPowerModels(this.pool), sitePrograms(schedules));
    await writeLightingSamples(this.pool, slotMs, samples, nowMs - KEEP_SAMPLES_DAYS * DAY_MS);
  }

  private async lampNights({ siteId, place }: SiteSchedules): Promise<void> {
    const nowMs = this.clock.nowMs();
    const tonight = dateOfNight(nowMs, place.timeZone);
    await noteLampNights(this.pool, siteId, nowMs - NOTE_BACK_MS);
    await sumUpNights(this.pool, siteId, addDays(tonight, -1), addDays(tonight, -KEEP_LAMP_NIGHTS));
  }

  private async energy(siteId: number): Promise<void> {
    const site = await readSummingSite(this.pool, siteId);
    if (site === undefined) return;
    const nowMs = this.clock.nowMs();
    const today = localDateOf(nowMs, site.timeZone);
    const tariffs = JSON.stringify(site.tariffs);
    const isWhole = site.summedAtMs === null || localDateOf(site.summedAtMs, site.timeZone) !== today;
    const firstSummed =
      site.summedAtMs === null
        ? await this.firstBooked(siteId, site, today)
        : addDays(today, isWhole ? -SUM_AGAIN_DAYS : -1);
    for (const [from, to] of steps(firstSummed, addDays(today, 1)))
      await sumHours(this.pool, siteId, startOfLocalDate(from, site.timeZone), startOfLocalDate(to, site.timeZone));
    const firstPriced = site.summedTariffs === tariffs ? firstSummed : await this.firstDay(siteId, site, firstSummed);
    for (const [from, to] of steps(firstPriced, addDays(today, 1))) await this.sumDays(siteId, site, from, to, nowMs);
    if (isWhole || site.summedTariffs !== tariffs) await noteSummed(this.pool, siteId, tariffs, nowMs);
  }

  /** Where the first summing begins. */
  private async firstBooked(siteId: number, site: SummingSite, today: string): Promise<string> {
    const firstMs = await firstEnergyMs(this.pool, siteId);
    const [first, yesterday] = [addDays(today, -SUM_FIRST_DAYS), addDays(today, -1)];
    const booked = firstMs === undefined ? yesterday : localDateOf(firstMs, site.timeZone);
    return booked < first ? first : booked < yesterday ? booked : yesterday;
  }

  /** New tariffs price every day anew, also those that have been summed long ago. */
  private async firstDay(siteId: number, site: SummingSite, firstSummed: string): Promise<string> {
    const firstHourMs = (await readSummingSite(this.pool, siteId))?.firstHourMs ?? null;
    const first = firstHourMs === null ? firstSummed : localDateOf(firstHourMs, site.timeZone);
    return first < firstSummed ? first : firstSummed;
  }

  private async sumDays(siteId: number, site: SummingSite, from: string, to: string, nowMs: number): Promise<void> {
    const { timeZone, tariffs } = site;
    const [fromMs, toMs] = [startOfLocalDate(from, timeZone), startOfLocalDate(to, timeZone)];
    await sumDays(this.pool, siteId, hoursOf(site, fromMs, toMs, nowMs), pricedHours(tariffs, fromMs, toMs, timeZone));
  }
}

/** The hours of whole local days, with what of them is dark and past. */
function hoursOf(site: SummingSite, fromMs: number, toMs: number, nowMs: number): DarkHour[] {
  const hours: DarkHour[] = [];
  const spans = new Map<string, DarkSpan>();
  const spanOf = (night: string) => {
    const span = spans.get(night) ?? darkSpan(site, night);
    spans.set(night, span);
    return span;
  };
  for (let hourMs = fromMs; hourMs < toMs; hourMs += HOUR_MS) {
    const day = localDateOf(hourMs, site.timeZone);
    const untilMs = Math.max(hourMs, Math.min(hourMs + HOUR_MS, nowMs));
    hours.push({ hourMs, day, darkH: darkHours([spanOf(addDays(day, -1)), spanOf(day)], hourMs, untilMs) });
  }
  return hours;
}

function datesFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => addDays(first, index));
}

function steps(from: string, to: string): [string, string][] {
  const parts: [string, string][] = [];
  for (let start = from; start < to;) {
    const next = addDays(start, SUM_STEP_DAYS);
    const end = next < to ? next : to;
    parts.push([start, end]);
    start = end;
  }
  return parts;
}
