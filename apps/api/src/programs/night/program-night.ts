import { nightEvents, type Place } from '#libs/astronomy';
import { instantOf, nightCurve, nightOf, type ControlProgram, type NightCurve } from '#libs/schedules';
import { localIso } from './local-time.js';
import { sunDown, sunView, type SunView } from './sun.js';

const HOUR_MS = 3_600_000;

/** When a lamp goes to another level. */
export interface FiredPoint {
  readonly utc: string;
  readonly local: string;
  readonly levelPercent: number;
  readonly fadeS: number;
  /** Index of the switch point of the program that it stems from; null: an active period begins or ends. */
  readonly programPoint: number | null;
}

/** A program in the night of a date at a place. */
export interface ProgramNight {
  readonly date: string;
  readonly sun: SunView;
  readonly curve: NightCurve;
  readonly points: readonly FiredPoint[];
  /** Hours in which it aims at more than 0 %. */
  readonly burningHours: number;
  /** Hours at full level that would give as much light. */
  readonly fullLevelHours: number;
}

export function programNight(program: ControlProgram, place: Place, date: string): ProgramNight {
  const curve = nightCurve(program, place, date);
  const night = nightOf(place, date);
  const instants = program.switchPoints.map(({ at }) => instantOf(at, night));
  const points = curve.segments.slice(1).map(({ fromMs, levelPercent, fadeS }) => {
    const index = instants.lastIndexOf(fromMs);
    const point = program.switchPoints[index];
    // A level of 0 where the point says more: the active period ends there.
    const stems = point !== undefined && (point.levelPercent === 0) === (levelPercent === 0);
    const utc = new Date(Math.round(fromMs / 1000) * 1000).toISOString();
    return { utc, local: localIso(fromMs, place.timeZone), levelPercent, fadeS, programPoint: stems ? index : null };
  });
  return { date, sun: sunView(place, date), curve, points, ...hoursOf(curve) };
}

/** What the night would be at full level from sunset to sunrise: what savings are measured against. */
export function fullPowerNight(place: Place, date: string): NightCurve {
  const { startMs, endMs } = nightOf(place, date);
  const down = sunDown(nightEvents(place, date), { startMs, endMs });
  const parts =
    down === undefined
      ? [{ fromMs: startMs, toMs: endMs, levelPercent: 0 }]
      : [
          { fromMs: startMs, toMs: down.fromMs, levelPercent: 0 },
          { ...down, levelPercent: 100 },
          { fromMs: down.toMs, toMs: endMs, levelPercent: 0 },
        ];
  const segments = parts.filter(({ fromMs, toMs }) => fromMs < toMs).map((part) => ({ ...part, fadeS: 0 }));
  return { startMs, endMs, segments };
}

export function hoursOf({ segments }: NightCurve): { readonly burningHours: number; readonly fullLevelHours: number } {
  let [burningMs, fullLevelMs] = [0, 0];
  for (const { fromMs, toMs, levelPercent } of segments) {
    if (levelPercent > 0) burningMs += toMs - fromMs;
    fullLevelMs += ((toMs - fromMs) * levelPercent) / 100;
  }
  return { burningHours: rounded(burningMs / HOUR_MS, 4), fullLevelHours: rounded(fullLevelMs / HOUR_MS, 4) };
}

/** What is beyond is noise of the arithmetic. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
