import { nightEvents, type Crossing, type Place } from '#libs/astronomy';
import { addDays, localNoonMs } from '#libs/kernel';
import type { NightRow } from '#libs/storage';

const HOUR_MS = 3_600_000;

/** What the sun does in the night of a date. In the polar night all of it is dark, on a polar day nothing. */
export function nightRow(place: Place, night: string): NightRow {
  const { sunset, civilDusk, civilDawn, sunrise } = nightEvents(place, night);
  const startsAtMs = localNoonMs(night, place.timeZone);
  const endsAtMs = localNoonMs(addDays(night, 1), place.timeZone);
  const [from, to] = darkness(sunset, sunrise, startsAtMs, endsAtMs);
  return {
    night,
    startsAtMs,
    endsAtMs,
    sunsetMs: instant(sunset),
    civilDuskMs: instant(civilDusk),
    civilDawnMs: instant(civilDawn),
    sunriseMs: instant(sunrise),
    darkH: Math.max(0, to - from) / HOUR_MS,
  };
}

/** The hours of [fromMs, toMs) that are dark, from sunset to sunrise, of the nights that overlap it. */
export function darkHours(place: Place, nights: readonly string[], fromMs: number, toMs: number): number {
  let darkMs = 0;
  for (const night of nights) {
    const { sunset, sunrise } = nightEvents(place, night);
    const bounds = [localNoonMs(night, place.timeZone), localNoonMs(addDays(night, 1), place.timeZone)] as const;
    const [from, to] = darkness(sunset, sunrise, ...bounds);
    darkMs += Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs));
  }
  return darkMs / HOUR_MS;
}

function darkness(sunset: Crossing, sunrise: Crossing, startsAtMs: number, endsAtMs: number): [number, number] {
  if (sunset.kind === 'staysAbove' || sunrise.kind === 'staysAbove') return [0, 0];
  return [sunset.kind === 'at' ? sunset.ms : startsAtMs, sunrise.kind === 'at' ? sunrise.ms : endsAtMs];
}

function instant(crossing: Crossing): number | null {
  return crossing.kind === 'at' ? crossing.ms : null;
}
