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

/** From when to when a night is dark, ms; nothing on a polar day. */
export type DarkSpan = readonly [fromMs: number, toMs: number];

export function darkSpan(place: Place, night: string): DarkSpan {
  const { sunset, sunrise } = nightEvents(place, night);
  const noons = [localNoonMs(night, place.timeZone), localNoonMs(addDays(night, 1), place.timeZone)] as const;
  return darkness(sunset, sunrise, ...noons);
}

/** How much of [fromMs, toMs) is dark, h. */
export function darkHours(spans: readonly DarkSpan[], fromMs: number, toMs: number): number {
  const darkMs = spans.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs)), 0);
  return darkMs / HOUR_MS;
}

function darkness(sunset: Crossing, sunrise: Crossing, startsAtMs: number, endsAtMs: number): DarkSpan {
  if (sunset.kind === 'staysAbove' || sunrise.kind === 'staysAbove') return [0, 0];
  return [sunset.kind === 'at' ? sunset.ms : startsAtMs, sunrise.kind === 'at' ? sunrise.ms : endsAtMs];
}

function instant(crossing: Crossing): number | null {
  return crossing.kind === 'at' ? crossing.ms : null;
}
