import { addDays, instantOfWallTime, wallTimeOf, weekdayOf } from '#libs/kernel';
import type { HoursWindow } from './channel.js';

const DAY_MIN = 1440;
/** A window begins on every weekday it names, so that one comes within eight days. */
const LOOK_AHEAD_DAYS = 8;

/** Minutes since midnight of `HH:MM`; 24:00 is 1440. */
export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Whether an instant lies in the hours. No hours: always. */
export function isWithinHours(hours: readonly HoursWindow[], ms: number, timeZone: string): boolean {
  if (hours.length === 0) return true;
  const { weekday, minuteOfDay } = wallTimeOf(ms, timeZone);
  const dayBefore = weekday === 1 ? 7 : weekday - 1;
  return hours.some(({ weekdays, from, to }) => {
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    if (end > begin) return weekdays.includes(weekday) && minuteOfDay >= begin && minuteOfDay < end;
    const isEvening = weekdays.includes(weekday) && minuteOfDay >= begin;
    return isEvening || (weekdays.includes(dayBefore) && minuteOfDay < end);
  });
}

/** The next instant, from `ms` on, at which the clocks of the zone show the time. */
export function nextAt(time: string, ms: number, timeZone: string): number {
  return firstFrom(ms, timeZone, (date) => [instantOfWallTime(date, minutesOf(time), timeZone)]);
}

/** The next instant, from `ms` on, at which hours begin. */
export function nextBegin(hours: readonly HoursWindow[], ms: number, timeZone: string): number {
  return firstFrom(ms, timeZone, (date) =>
    hours
      .filter(({ weekdays }) => weekdays.includes(weekdayOf(date)))
      .map(({ from }) => instantOfWallTime(date, minutesOf(from), timeZone)),
  );
}

function firstFrom(ms: number, timeZone: string, instantsOf: (date: string) => number[]): number {
  const { date } = wallTimeOf(ms, timeZone);
  for (let days = 0; days <= LOOK_AHEAD_DAYS; days += 1) {
    const instants = instantsOf(addDays(date, days)).filter((instant) => instant >= ms);
    if (instants.length > 0) return Math.min(...instants);
  }
  return ms + DAY_MIN * 60_000;
}
