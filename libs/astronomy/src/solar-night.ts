import { getTimes } from 'suncalc';
import { localNoonMs } from '#libs/kernel';

/** Degrees, north and east positive; an IANA zone. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
}

export type SolarNight =
  | { readonly kind: 'ordinary'; readonly sunsetMs: number; readonly sunriseMs: number }
  | { readonly kind: 'polarDay' }
  | { readonly kind: 'polarNight' };

/** When the sun crosses the horizon in one solar day; null: it does not, being `up` or `down` throughout. */
interface SolarDay {
  readonly riseMs: number | null;
  readonly setMs: number | null;
  readonly up: boolean;
  /** The sun's upper transit. */
  readonly noonMs: number;
}

/**
 * The night that begins at local noon of a date and ends at the next local noon. Its sunset is that of the date's solar
 * day, its sunrise that of the next solar day, even where the one comes after local midnight or the other before it.
 *
 * At the edges of the polar periods only one of the two happens:
 * - {@link darkUntilNoon}: beside a day without a sun, the night lasts from, or to, the window's local noon;
 * - {@link mirroredAtSolarMidnight}: beside a day without a night, the dip below the horizon is symmetric.
 */
export function solarNight(place: Place, date: string): SolarNight {
  const startMs = localNoonMs(date, place.timeZone);
  const endMs = localNoonMs(dayAfter(date), place.timeZone);
  const today = solarDay(place, startMs);
  const tomorrow = solarDay(place, endMs);

  if (today.setMs !== null && tomorrow.riseMs !== null) {
    return darkUntilNoon(startMs, endMs, today.setMs, tomorrow.riseMs);
  }
  if (today.setMs === null && tomorrow.riseMs === null) return { kind: today.up ? 'polarDay' : 'polarNight' };
  if (today.setMs === null ? today.up : tomorrow.up) return mirroredAtSolarMidnight(today, tomorrow);
  return darkUntilNoon(startMs, endMs, today.setMs ?? startMs, tomorrow.riseMs ?? endMs);
}

/**
 * The night keeps to its window: what is missing, or lies outside (the last sunset before the polar night may come
 * before the clocks' noon), is put at the noon. A window dark from noon to noon is polar night.
 */
function darkUntilNoon(startMs: number, endMs: number, setMs: number, riseMs: number): SolarNight {
  const sunsetMs = Math.max(startMs, setMs);
  const sunriseMs = Math.min(endMs, riseMs);
  if (sunsetMs === startMs && sunriseMs === endMs) return { kind: 'polarNight' };
  return { kind: 'ordinary', sunsetMs, sunriseMs };
}

/** The event that the polar day leaves out is as far from solar midnight as the one there is. */
function mirroredAtSolarMidnight(today: SolarDay, tomorrow: SolarDay): SolarNight {
  const twiceMidnight = today.noonMs + tomorrow.noonMs;
  const sunsetMs = today.setMs ?? twiceMidnight - (tomorrow.riseMs ?? 0);
  const sunriseMs = tomorrow.riseMs ?? twiceMidnight - sunsetMs;
  return sunsetMs < sunriseMs ? { kind: 'ordinary', sunsetMs, sunriseMs } : { kind: 'polarDay' };
}

function solarDay({ latitude, longitude }: Place, civilNoonMs: number): SolarDay {
  const { sunrise, sunset, solarNoon, alwaysUp } = getTimes(new Date(civilNoonMs), latitude, longitude);
  return {
    riseMs: sunrise?.getTime() ?? null,
    setMs: sunset?.getTime() ?? null,
    up: alwaysUp === true,
    noonMs: solarNoon.getTime(),
  };
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
