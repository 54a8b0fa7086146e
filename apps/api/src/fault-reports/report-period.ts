import { nightEvents, type Place } from '#libs/astronomy';
import { addDays, localDateOf, startOfLocalDate } from '#libs/kernel';
import type { ReportBucket } from '#libs/storage';
import { timeRange, toInstant } from '../http/time-range.js';

const DAY_MS = 86_400_000;
const MAX_DAYS = 1_100;

interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** The period that a query means; the future has not happened yet. */
export function reportPeriod(
  query: { from?: string | undefined; to?: string | undefined },
  timeZone: string,
  nowMs: number,
): Period {
  const endMs = query.to === undefined ? nowMs : Math.min(nowMs, toInstant(query.to, timeZone).getTime());
  const begin =
    query.from === undefined
      ? new Date(startOfLocalDate(localDateOf(endMs - 365 * DAY_MS, timeZone), timeZone))
      : toInstant(query.from, timeZone);
  return timeRange(begin, new Date(endMs), MAX_DAYS, 'ask for three years at the most');
}

/** The months of a period, local to the site; the first and the last as far as they belong to it. */
export function monthsOf({ from, to }: Period, timeZone: string): ReportBucket[] {
  const months: ReportBucket[] = [];
  for (let start = from; start < to;) {
    const key = localDateOf(start.getTime(), timeZone).slice(0, 7);
    const next = new Date(startOfLocalDate(`${addDays(`${key}-01`, 31).slice(0, 7)}-01`, timeZone));
    const end = next < to ? next : to;
    months.push({ key, from: start, to: end });
    start = end;
  }
  return months;
}

/** When the sun is down in a period. In the polar night that is the whole day. */
export function darkOf({ from, to }: Period, place: Place): Period[] {
  const nights: Period[] = [];
  const last = localDateOf(to.getTime(), place.timeZone);
  for (let date = addDays(localDateOf(from.getTime(), place.timeZone), -1); date <= last; date = addDays(date, 1)) {
    const { sunset, sunrise, solarMidnightMs } = nightEvents(place, date);
    if (sunset.kind === 'staysAbove' || sunrise.kind === 'staysAbove') continue;
    nights.push({
      from: new Date(sunset.kind === 'at' ? sunset.ms : solarMidnightMs - DAY_MS / 2),
      to: new Date(sunrise.kind === 'at' ? sunrise.ms : solarMidnightMs + DAY_MS / 2),
    });
  }
  return nights;
}
