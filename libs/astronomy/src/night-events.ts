import { getPosition, getTimes } from 'suncalc';
import { localNoonMs } from '#libs/kernel';
import type { Place } from './place.js';

/** Altitude of the sun's centre when its upper limb touches the horizon: 34' of refraction and 16' of radius, degrees (USNO). */
export const HORIZON_DEG = -0.833;
/** Below this a street cannot be read without light; the end of civil twilight, degrees. */
export const CIVIL_DEG = -6;

/**
 * When the sun passes an altitude in one half of a night, or why it does not:
 * - `staysAbove`: it never gets that dark (a white night for civil dusk, the polar day for sunset);
 * - `staysBelow`: it has been darker than that all along (the polar night for sunset).
 */
export type Crossing =
  { readonly kind: 'at'; readonly ms: number } | { readonly kind: 'staysAbove' } | { readonly kind: 'staysBelow' };

/** Both halves of a night for one altitude. */
export interface AltitudeCrossings {
  /** Falling, between the solar noon of the date and solar midnight. */
  readonly evening: Crossing;
  /** Rising, between solar midnight and the next solar noon. */
  readonly morning: Crossing;
}

/** What the sun does in the night of a date. */
export interface NightEvents {
  readonly sunset: Crossing;
  readonly civilDusk: Crossing;
  readonly solarMidnightMs: number;
  readonly civilDawn: Crossing;
  readonly sunrise: Crossing;
}

/**
 * The night of a local date lies between the solar noon nearest to its 12:00 and the next one, whatever the clocks show meanwhile:
 * a sunset at 00:22 belongs to the evening before. Throws RangeError for what is no date, and for an unknown zone.
 */
export function nightEvents(place: Place, date: string): NightEvents {
  return eventsOf(solarNight(place, date));
}

/** The same of a night that is asked for more than that. */
export function eventsOf(night: SolarNight): NightEvents {
  const horizon = night.crossings(HORIZON_DEG);
  const civil = night.crossings(CIVIL_DEG);
  return {
    sunset: horizon.evening,
    civilDusk: civil.evening,
    solarMidnightMs: night.midnightMs,
    civilDawn: civil.morning,
    sunrise: horizon.morning,
  };
}

/** When the centre of the sun passes an altitude, degrees above the horizon and without refraction, in the night of a date. */
export function altitudeCrossings(place: Place, date: string, altitudeDeg: number): AltitudeCrossings {
  return solarNight(place, date).crossings(altitudeDeg);
}

/** One night of the sun; what it has been asked for once it remembers, because finding an instant takes some forty positions of the sun. */
export interface SolarNight {
  readonly midnightMs: number;
  /** See altitudeCrossings. */
  crossings(altitudeDeg: number): AltitudeCrossings;
}

/** The night of a local date: see nightEvents. */
export function solarNight(place: Place, date: string): SolarNight {
  const bounds = solarBounds(place, date);
  const known = new Map<number, AltitudeCrossings>();
  return {
    midnightMs: bounds.midnightMs,
    crossings: (altitudeDeg) => {
      const found = known.get(altitudeDeg) ?? crossingsOf(place, bounds, altitudeDeg);
      known.set(altitudeDeg, found);
      return found;
    },
  };
}

interface SolarBounds {
  readonly noonMs: number;
  readonly midnightMs: number;
  readonly nextNoonMs: number;
}

function solarBounds(place: Place, date: string): SolarBounds {
  const noonMs = solarNoonMs(place, localNoonMs(date, place.timeZone));
  const nextNoonMs = solarNoonMs(place, noonMs + 86_400_000);
  return { noonMs, midnightMs: Math.round((noonMs + nextNoonMs) / 2), nextNoonMs };
}

/** The upper transit nearest to an instant: suncalc takes the solar day that holds it. */
function solarNoonMs({ latitude, longitude }: Place, nearMs: number): number {
  return getTimes(new Date(nearMs), latitude, longitude).solarNoon.getTime();
}

function crossingsOf(
  place: Place,
  { noonMs, midnightMs, nextNoonMs }: SolarBounds,
  altitudeDeg: number,
): AltitudeCrossings {
  const isAbove = (ms: number) =>
    getPosition(new Date(ms), place.latitude, place.longitude).altitude > apparent(altitudeDeg);
  return { evening: crossing(isAbove, noonMs, midnightMs), morning: crossing(isAbove, nextNoonMs, midnightMs) };
}

/** The instant between a solar noon and a solar midnight at which `isAbove` changes, found by halving, to the tenth of a second. */
function crossing(isAbove: (ms: number) => boolean, noonMs: number, midnightMs: number): Crossing {
  if (isAbove(midnightMs)) return { kind: 'staysAbove' };
  if (!isAbove(noonMs)) return { kind: 'staysBelow' };
  let [aboveMs, belowMs] = [noonMs, midnightMs];
  while (Math.abs(belowMs - aboveMs) > 100) {
    const middleMs = (aboveMs + belowMs) / 2;
    if (isAbove(middleMs)) aboveMs = middleMs;
    else belowMs = middleMs;
  }
  return { kind: 'at', ms: Math.round((aboveMs + belowMs) / 2) };
}

/** suncalc gives altitudes with refraction (Meeus 16.4, below the horizon that at 0°); the same added to an altitude without. */
function apparent(altitudeDeg: number): number {
  const h = (Math.max(0, altitudeDeg) * Math.PI) / 180;
  return altitudeDeg + (0.0002967 / Math.tan(h + 0.00312536 / (h + 0.08901179))) * (180 / Math.PI);
}
