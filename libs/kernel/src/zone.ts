/** Civil time of IANA zones, from the platform's own rules. Instants are ms since the epoch. */

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MAX_CACHED = 4096;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** How far a zone is ahead of UTC, remembered by UTC day (`changing` on a day with a transition) and then by quarter of an hour. */
class ZoneOffsets {
  private readonly format: Intl.DateTimeFormat;
  private readonly byDay = new Map<number, number | 'changing'>();
  private readonly byQuarter = new Map<number, number>();

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  at(ms: number): number {
    const day = Math.floor(ms / DAY_MS);
    let offset = this.byDay.get(day);
    if (offset === undefined) {
      const start = this.ask(day * DAY_MS);
      offset = start === this.ask((day + 1) * DAY_MS) ? start : 'changing';
      remember(this.byDay, day, offset);
    }
    return offset === 'changing' ? this.atQuarter(Math.floor(ms / QUARTER_MS)) : offset;
  }

  /** The transitions of every present-day zone fall on a quarter of an hour of UTC. */
  private atQuarter(quarter: number): number {
    let offset = this.byQuarter.get(quarter);
    if (offset === undefined) {
      offset = this.ask(quarter * QUARTER_MS);
      remember(this.byQuarter, quarter, offset);
    }
    return offset;
  }

  private ask(ms: number): number {
    const at: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.format.formatToParts(ms)) at[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = at;
    return Date.UTC(year, month - 1, day, hour, minute, second) - ms;
  }
}

const zones = new Map<string, ZoneOffsets>();

function offsetMs(ms: number, timeZone: string): number {
  if (!Number.isFinite(ms)) throw new RangeError(`Not an instant: ${ms}`);
  let zone = zones.get(timeZone);
  if (!zone) {
    zone = new ZoneOffsets(timeZone);
    zones.set(timeZone, zone);
  }
  return zone.at(ms);
}

function remember<V>(cache: Map<number, V>, key: number, value: V): void {
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, value);
}

/** The instant at which the clocks of the zone show 12:00 on that date. Throws a RangeError for anything but a calendar date and a known zone. */
export function localNoonMs(date: string, timeZone: string): number {
  const [, year, month, day] = DATE.exec(date) ?? [];
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), 12);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== date) {
    throw new RangeError(`Not a date YYYY-MM-DD: ${date}`);
  }
  // The first guess may lie on the other side of a transition; no transition is near noon, so the second does not.
  const guess = wall - offsetMs(wall, timeZone);
  return wall - offsetMs(guess, timeZone);
}

/** The date, YYYY-MM-DD, that the calendars of the zone show at an instant. */
export function localDateOf(ms: number, timeZone: string): string {
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 10);
}

/** Whole minutes, 0 to 1439, that the clocks of the zone show past 00:00 at an instant (not the minutes elapsed: clocks change). */
export function localMinutesOfDay(ms: number, timeZone: string): number {
  const wall = ms + offsetMs(ms, timeZone);
  return Math.floor((wall - Math.floor(wall / DAY_MS) * DAY_MS) / 60_000);
}

/** The wall clock of a place at an instant. */
export interface WallTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Minutes since 00:00 on the wall clock; with a fraction for seconds. */
  readonly minuteOfDay: number;
  /** ISO: Monday 1 to Sunday 7. */
  readonly weekday: number;
}

/** The wall time of an instant. Throws RangeError for a zone that does not exist. */
export function wallTimeOf(ms: number, timeZone: string): WallTime {
  const wall = ms + offsetMs(ms, timeZone);
  const date = new Date(wall).toISOString().slice(0, 10);
  return { date, minuteOfDay: (wall - Math.floor(wall / DAY_MS) * DAY_MS) / 60_000, weekday: weekdayOf(date) };
}

/** ISO weekday of a calendar date: Monday 1 to Sunday 7. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** The calendar date `days` later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first instant of a local date: midnight, or, where the clock jumps over midnight that night, the jump. */
export function startOfLocalDate(date: string, timeZone: string): number {
  // Offsets lie between -12 and +14 h; local dates never go back, so the first instant of one can be found by halving.
  let low = Date.parse(`${date}T00:00:00Z`) - 15 * HOUR_MS;
  let high = low + 30 * HOUR_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localDateOf(middle, timeZone) < date) low = middle;
    else high = middle;
  }
  return high;
}

/** The start of the local hour that holds an instant (where clocks change by half an hour: counted on the clock of the instant). */
export function startOfLocalHour(ms: number, timeZone: string): number {
  const wall = ms + offsetMs(ms, timeZone);
  return ms - (wall - Math.floor(wall / HOUR_MS) * HOUR_MS);
}

/**
 * The instant at which the clocks of a zone show a wall time on a date. An hour that is repeated counts the first time; a time that
 * is skipped is the instant of the jump. `minuteOfDay` may have a fraction for seconds. Throws RangeError for what is no date.
 */
export function instantOfWallTime(date: string, minuteOfDay: number, timeZone: string): number {
  const midnight = localNoonMs(date, 'UTC') - 12 * HOUR_MS;
  const wall = midnight + minuteOfDay * 60_000;
  const fits = [wall - DAY_MS, wall + DAY_MS]
    .map((near) => wall - offsetMs(near, timeZone))
    .filter((ms) => ms + offsetMs(ms, timeZone) === wall);
  if (fits.length > 0) return Math.min(...fits);
  // Skipped: the wall clock is before the time, and a moment later after it.
  let [low, high] = [wall - 15 * HOUR_MS, wall + 15 * HOUR_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + offsetMs(middle, timeZone) < wall) low = middle;
    else high = middle;
  }
  return high;
}

/** Whether there is such a zone. */
export function isTimeZone(name: string): boolean {
  try {
    return Number.isFinite(offsetMs(0, name));
  } catch {
    return false;
  }
}
