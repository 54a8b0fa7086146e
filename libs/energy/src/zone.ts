/** Wall time of a place. Instants are ms since the epoch; zones are IANA names. */

/** The wall clock of a place at an instant. */
export interface WallTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Minutes since 00:00 on the wall clock; with a fraction for seconds. */
  readonly minuteOfDay: number;
  /** ISO: Monday 1 to Sunday 7. */
  readonly weekday: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

/** The wall time of an instant. Throws RangeError for a zone that does not exist. */
export function wallTimeOf(instantMs: number, timeZone: string): WallTime {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  const minuteOfDay = Number(parts.get('hour')) * 60 + Number(parts.get('minute')) + Number(parts.get('second')) / 60;
  return { date, minuteOfDay, weekday: weekdayOf(date) };
}

/** The start of the local hour that holds an instant (where clocks change by half an hour: counted on the clock of the instant). */
export function startOfLocalHour(instantMs: number, timeZone: string): number {
  const secondsIntoHour = Math.round(wallTimeOf(instantMs, timeZone).minuteOfDay * 60) % 3600;
  return instantMs - secondsIntoHour * 1000 - (((instantMs % 1000) + 1000) % 1000);
}

/** ISO weekday of a calendar date: Monday 1 to Sunday 7. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** The calendar date `days` later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * The first instant of a local date: midnight, or, where the clock jumps over midnight that night, the jump.
 * (Zone offsets lie between -12 and +14 h, and a local date begins within a day of its UTC namesake.)
 */
export function startOfLocalDate(date: string, timeZone: string): number {
  let low = Date.parse(`${date}T00:00:00Z`) - 15 * 3_600_000;
  let high = low + 30 * 3_600_000;
  // Local dates never go back, so the first instant whose date is not before `date` can be searched by halving.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallTimeOf(middle, timeZone).date < date) low = middle;
    else high = middle;
  }
  return high;
}

/** Whether there is such a zone. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}
