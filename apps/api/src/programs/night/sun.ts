import { nightEvents, type Crossing, type NightEvents, type Place } from '#libs/astronomy';
import { clockOf, localIso } from './local-time.js';

export type SunEventName = 'sunset' | 'civilDusk' | 'solarMidnight' | 'civilDawn' | 'sunrise';

/** What the sun does in a night, or does not, in words. */
export interface SunEventView {
  readonly event: 'at' | 'staysAbove' | 'staysBelow';
  /** Null unless it happens. */
  readonly utc: string | null;
  readonly local: string | null;
  readonly words: string;
}
export type SunView = Record<SunEventName, SunEventView>;

const NAMES: Record<SunEventName, string> = {
  sunset: 'The sun sets',
  civilDusk: 'Civil twilight ends',
  solarMidnight: 'The sun is lowest',
  civilDawn: 'Civil twilight begins',
  sunrise: 'The sun rises',
};

const NEVER: Record<Exclude<SunEventName, 'solarMidnight'>, { staysAbove: string; staysBelow: string }> = {
  sunset: { staysAbove: 'The sun does not set', staysBelow: 'The sun is below the horizon all along' },
  civilDusk: {
    staysAbove: 'It does not get dark: civil twilight, or day, lasts all night',
    staysBelow: 'It is darker than civil twilight all along',
  },
  civilDawn: {
    staysAbove: 'It does not get dark: civil twilight, or day, lasts all night',
    staysBelow: 'It stays darker than civil twilight until the noon after',
  },
  sunrise: { staysAbove: 'The sun does not set', staysBelow: 'The sun does not rise until the noon after' },
};

export function sunView(place: Place, date: string): SunView {
  const { solarMidnightMs, ...crossings } = nightEvents(place, date);
  const of = (name: keyof typeof crossings) => crossingView(name, crossings[name], place.timeZone);
  return {
    sunset: of('sunset'),
    civilDusk: of('civilDusk'),
    solarMidnight: atView('solarMidnight', solarMidnightMs, place.timeZone),
    civilDawn: of('civilDawn'),
    sunrise: of('sunrise'),
  };
}

function crossingView(
  name: Exclude<SunEventName, 'solarMidnight'>,
  crossing: Crossing,
  timeZone: string,
): SunEventView {
  if (crossing.kind === 'at') return atView(name, crossing.ms, timeZone);
  return { event: crossing.kind, utc: null, local: null, words: NEVER[name][crossing.kind] };
}

function atView(name: SunEventName, ms: number, timeZone: string): SunEventView {
  return {
    event: 'at',
    utc: new Date(Math.round(ms / 1000) * 1000).toISOString(),
    local: localIso(ms, timeZone),
    words: `${NAMES[name]} at ${clockOf(ms, timeZone)}`,
  };
}

/** From when to when the sun is down; undefined when it does not set. Where it stays down all along, the whole night counts. */
export function sunDown(
  { sunset, sunrise }: Pick<NightEvents, 'sunset' | 'sunrise'>,
  night: { readonly startMs: number; readonly endMs: number },
): { readonly fromMs: number; readonly toMs: number } | undefined {
  if (sunset.kind === 'staysAbove' || sunrise.kind === 'staysAbove') return undefined;
  const fromMs = sunset.kind === 'at' ? Math.max(sunset.ms, night.startMs) : night.startMs;
  const toMs = sunrise.kind === 'at' ? Math.min(sunrise.ms, night.endMs) : night.endMs;
  return fromMs < toMs ? { fromMs, toMs } : undefined;
}
