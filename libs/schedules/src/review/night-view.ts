import { addDays, instantOfWallTime, localMinutesOfDay } from '#libs/kernel';
import type { AnchoredTime, ControlProgram } from '../control-program.js';
import { curveOf, type NightCurve } from '../night-curve.js';
import { instantOf, nightOf, type Night } from '../resolve-anchor.js';
import type { Place } from '#libs/astronomy';

/** A period of the night in which the lamp may be lit. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A program in one night, worked out once for every check. */
export interface NightView {
  readonly program: ControlProgram;
  readonly night: Night;
  readonly curve: NightCurve;
  /** When each switch point happens; undefined when it does not, or at the night's end, which is the next one's start. */
  readonly instants: readonly (number | undefined)[];
  /** Each active period; undefined when it is empty. */
  readonly periods: readonly (Span | undefined)[];
}

/** Works a program out in the night of a date. */
export function viewOf(program: ControlProgram, place: Place, date: string): NightView {
  const night = nightOf(place, date);
  return {
    program,
    night,
    curve: curveOf(program, night),
    instants: program.switchPoints.map(({ at }) => within(instantOf(at, night), night)),
    periods: program.activePeriods.map(({ from, to }) => {
      const [fromMs, toMs] = [instantOf(from, night), instantOf(to, night)];
      return fromMs === undefined || toMs === undefined || toMs <= fromMs ? undefined : { fromMs, toMs };
    }),
  };
}

function within(atMs: number | undefined, night: Night): number | undefined {
  return atMs === undefined || atMs >= night.endMs ? undefined : atMs;
}

/** Whether the lamp may be lit at an instant. */
export function isActiveAt({ program, periods }: NightView, ms: number): boolean {
  return (
    program.activePeriods.length === 0 ||
    periods.some((span) => span !== undefined && span.fromMs <= ms && ms < span.toMs)
  );
}

/** What the clocks of a night do to a wall time: it is there once, not at all, or twice. */
export function clockOf({ anchor }: AnchoredTime, { place, date }: Night): 'once' | 'skipped' | 'repeated' {
  if (anchor.kind !== 'clock') return 'once';
  const [hours, minutes] = anchor.time.split(':').map(Number) as [number, number];
  const minuteOfDay = hours * 60 + minutes;
  const day = minuteOfDay < 12 * 60 ? addDays(date, 1) : date;
  const ms = instantOfWallTime(day, minuteOfDay, place.timeZone);
  if (localMinutesOfDay(ms, place.timeZone) !== minuteOfDay) return 'skipped';
  // Clocks are put back by an hour, on Lord Howe Island by half of one.
  const comesAgain = [30, 60].some((later) => localMinutesOfDay(ms + later * 60_000, place.timeZone) === minuteOfDay);
  return comesAgain ? 'repeated' : 'once';
}

/** Whether an offset would move a time out of its night. */
export function isClipped(time: AnchoredTime, night: Night): boolean {
  const atMs = instantOf({ ...time, offsetMinutes: 0 }, night);
  if (atMs === undefined || time.offsetMinutes === 0) return false;
  const movedMs = atMs + time.offsetMinutes * 60_000;
  return movedMs < night.startMs || movedMs > night.endMs;
}
