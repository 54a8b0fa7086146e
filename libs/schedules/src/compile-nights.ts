import type { Place } from '#libs/astronomy';
import { addDays, localDateOf, localNoonMs } from '#libs/kernel';
import type { ControlProgram } from './control-program.js';
import { nightCurve, type NightCurve } from './night-curve.js';

/** A level that a lamp goes to, as a device can be told: in UTC, to the second. */
export interface CompiledPoint {
  /** Whole Unix seconds. */
  readonly atS: number;
  readonly levelPercent: number;
  readonly fadeS: number;
}

/** The points of a night, the first at its noon. Of two within one second the later holds. */
export function nightPoints(curve: NightCurve): CompiledPoint[] {
  const points = new Map<number, CompiledPoint>();
  for (const { fromMs, levelPercent, fadeS } of curve.segments) {
    const atS = Math.round(fromMs / 1000);
    points.set(atS, { atS, levelPercent, fadeS });
  }
  return withoutRepeats([...points.values()]);
}

/**
 * The points of consecutive nights, with the program that each has. They follow the zone's rules as they are known when this runs:
 * new rules give other points, whose hash differs, so that devices get them.
 */
export function compileNights(
  programOf: (date: string) => ControlProgram,
  place: Place,
  firstDate: string,
  nights: number,
): CompiledPoint[] {
  const dates = Array.from({ length: nights }, (_, night) => addDays(firstDate, night));
  return joinNights(dates.map((date) => nightPoints(nightCurve(programOf(date), place, date))));
}

/** Nights one after the other, without points that repeat the level that holds. */
export function joinNights(nights: readonly (readonly CompiledPoint[])[]): CompiledPoint[] {
  return withoutRepeats(nights.flat());
}

function withoutRepeats(points: readonly CompiledPoint[]): CompiledPoint[] {
  return points.filter(({ levelPercent }, index) => levelPercent !== points[index - 1]?.levelPercent);
}

/** The point that holds at an instant: the last at or before it; undefined before the first. */
export function levelAtPoint(points: readonly CompiledPoint[], ms: number): CompiledPoint | undefined {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.atS ?? 0) * 1000 <= ms) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
}

/** The local date of the night, noon to noon, that holds an instant. */
export function dateOfNight(ms: number, timeZone: string): string {
  const date = localDateOf(ms, timeZone);
  return ms >= localNoonMs(date, timeZone) ? date : addDays(date, -1);
}
