import { addDays, localNoonMs, localDateOf, wallTimeOf } from '#libs/kernel';

/** `2026-11-24T18:00:00+02:00`: the wall clock of a zone, without doubt in the night in which clocks change. */
export function localIso(ms: number, timeZone: string): string {
  const wholeMs = Math.round(ms / 1000) * 1000;
  const { date, minuteOfDay } = wallTimeOf(wholeMs, timeZone);
  const wallMs = Date.parse(`${date}T00:00:00Z`) + Math.round(minuteOfDay * 60_000);
  const offsetMinutes = Math.round((wallMs - wholeMs) / 60_000);
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${new Date(wallMs).toISOString().slice(0, 19)}${sign}${two(hours)}:${two(minutes)}`;
}

/** `18:00`: what the clocks of a zone show, to the nearest minute. */
export function clockOf(ms: number, timeZone: string): string {
  const minutes = Math.floor(wallTimeOf(Math.round(ms / 60_000) * 60_000, timeZone).minuteOfDay);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** The date of the night that holds an instant: before noon it is the one that began the evening before. */
export function nightDateOf(ms: number, timeZone: string): string {
  const date = localDateOf(ms, timeZone);
  return ms < localNoonMs(date, timeZone) ? addDays(date, -1) : date;
}

/** The last date of which nights can be asked for: nobody plans further, and the arithmetic of dates ends with year 9999. */
export const LAST_NIGHT = '2199-12-31';
