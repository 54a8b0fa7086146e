import { addDays, localNoonMs } from '#libs/kernel';
import { nightEvents } from './night-events.js';
import type { Place } from './place.js';

/** The dark part of a night from local noon to local noon. */
export type SolarNight =
  | { readonly kind: 'ordinary'; readonly sunsetMs: number; readonly sunriseMs: number }
  | { readonly kind: 'polarDay' }
  | { readonly kind: 'polarNight' };

/**
 * From sunset to sunrise in the night that begins at local noon of a date and ends at the next local noon. Where the sun is not up
 * at one end, or sets before the clocks' noon (the days around the polar night), the night reaches to that noon.
 */
export function solarNight(place: Place, date: string): SolarNight {
  const { sunset, sunrise } = nightEvents(place, date);
  if (sunset.kind === 'staysAbove' || sunrise.kind === 'staysAbove') return { kind: 'polarDay' };
  const startMs = localNoonMs(date, place.timeZone);
  const endMs = localNoonMs(addDays(date, 1), place.timeZone);
  const sunsetMs = sunset.kind === 'at' ? Math.max(startMs, sunset.ms) : startMs;
  const sunriseMs = sunrise.kind === 'at' ? Math.min(endMs, sunrise.ms) : endMs;
  return sunsetMs === startMs && sunriseMs === endMs
    ? { kind: 'polarNight' }
    : { kind: 'ordinary', sunsetMs, sunriseMs };
}
