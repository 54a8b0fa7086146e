import { CIVIL_DEG, HORIZON_DEG, solarNight, type Crossing, type Place, type SolarNight } from '#libs/astronomy';
import { addDays, instantOfWallTime, localNoonMs } from '#libs/kernel';
import type { Anchor, AnchoredTime } from './control-program.js';

const MINUTE_MS = 60_000;

/** A night of a place, from local noon of its date to local noon of the next. */
export interface Night {
  readonly place: Place;
  readonly date: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly sun: SolarNight;
}

/** The night of a date. Throws RangeError for what is no date, and for an unknown zone. */
export function nightOf(place: Place, date: string): Night {
  const startMs = localNoonMs(date, place.timeZone);
  const endMs = localNoonMs(addDays(date, 1), place.timeZone);
  return { place, date, startMs, endMs, sun: solarNight(place, date) };
}

/**
 * The instant of an anchored time in a night; undefined when what it is anchored to does not happen. Rules an engineer can rely on:
 * - It never gets that dark (polar day; civil dusk in a white night): it does not happen.
 * - It is darker than that all along (polar night): it counts as having happened at noon, the night's start for what belongs to the
 *   evening, its end for what belongs to the morning.
 * - A wall time that is skipped when the clocks go forward is the instant of the jump; one that is repeated counts the first time.
 * - What an offset moves out of the night is put at the night's edge.
 */
export function instantOf(time: AnchoredTime, night: Night): number | undefined {
  const ms = anchorMs(time.anchor, night);
  if (ms === undefined) return undefined;
  return Math.min(night.endMs, Math.max(night.startMs, ms + time.offsetMinutes * MINUTE_MS));
}

function anchorMs(anchor: Anchor, night: Night): number | undefined {
  switch (anchor.kind) {
    case 'clock':
      return clockMs(anchor.time, night);
    case 'sunset':
      return edge(night.sun.crossings(HORIZON_DEG).evening, night.startMs);
    case 'sunrise':
      return edge(night.sun.crossings(HORIZON_DEG).morning, night.endMs);
    case 'civilDusk':
      return edge(night.sun.crossings(CIVIL_DEG).evening, night.startMs);
    case 'civilDawn':
      return edge(night.sun.crossings(CIVIL_DEG).morning, night.endMs);
    case 'sunAltitude': {
      const { evening, morning } = night.sun.crossings(anchor.altitudeDeg);
      return anchor.half === 'evening' ? edge(evening, night.startMs) : edge(morning, night.endMs);
    }
    case 'solarMidnight':
      return night.sun.midnightMs;
    case 'virtualMidnight': {
      const { evening, morning } = night.sun.crossings(HORIZON_DEG);
      const [sunsetMs, sunriseMs] = [edge(evening, night.startMs), edge(morning, night.endMs)];
      return sunsetMs === undefined || sunriseMs === undefined ? undefined : (sunsetMs + sunriseMs) / 2;
    }
  }
}

function edge(crossing: Crossing, noonMs: number): number | undefined {
  if (crossing.kind === 'at') return crossing.ms;
  return crossing.kind === 'staysBelow' ? noonMs : undefined;
}

function clockMs(time: string, { place, date }: Night): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(time);
  if (match === null) throw new RangeError(`Not a wall time HH:MM or HH:MM:SS: ${time}`);
  const minuteOfDay = Number(match[1]) * 60 + Number(match[2]) + Number(match[3] ?? 0) / 60;
  return instantOfWallTime(minuteOfDay < 12 * 60 ? addDays(date, 1) : date, minuteOfDay, place.timeZone);
}
