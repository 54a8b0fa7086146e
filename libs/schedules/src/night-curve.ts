import { CIVIL_DEG, type Place } from '#libs/astronomy';
import type { ControlProgram } from './control-program.js';
import { instantOf, nightOf, type Night } from './resolve-anchor.js';

/** The level that holds from one instant to another; the lamp takes `fadeS` seconds to get there. */
export interface LevelSegment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly levelPercent: number;
  readonly fadeS: number;
}

/** What a lamp does in a night: segments without gaps, from local noon to local noon, no two alike beside each other. */
export interface NightCurve {
  readonly startMs: number;
  readonly endMs: number;
  readonly segments: readonly LevelSegment[];
}

interface Setting {
  readonly levelPercent: number;
  readonly fadeS: number;
}

/**
 * The level curve of a program in the night of a date at a place.
 * Before the first switch point of the night the last one of the program holds, as on a clock's face: a program with points at 23:00
 * and 05:00 begins the evening with the level of 05:00. Throws RangeError for what is no date, zone or wall time.
 */
export function nightCurve(program: ControlProgram, place: Place, date: string): NightCurve {
  return curveOf(program, nightOf(place, date));
}

/** The same of a night that is asked for more than that. */
export function curveOf(program: ControlProgram, night: Night): NightCurve {
  const periods = activePeriods(program, night);
  const points = firedPoints(program, night);
  const cuts = [
    night.startMs,
    night.endMs,
    ...points.map(({ atMs }) => atMs),
    ...periods.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  ];
  const instants = [...new Set(cuts)].sort((a, b) => a - b);
  const segments: LevelSegment[] = [];
  for (const [index, fromMs] of instants.slice(0, -1).entries()) {
    const toMs = instants[index + 1] ?? night.endMs;
    const isActive = periods.some((period) => period.fromMs <= fromMs && toMs <= period.toMs);
    const setting = isActive ? settingAt(program, points, fromMs) : { levelPercent: 0, fadeS: 0 };
    append(segments, { fromMs, toMs, ...setting });
  }
  return { startMs: night.startMs, endMs: night.endMs, segments };
}

/** The level that a curve aims at, at an instant within its night; fades are on their way to it. Undefined outside the night. */
export function levelAt(curve: NightCurve, ms: number): number | undefined {
  return curve.segments.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)?.levelPercent;
}

/** Spans between civil dusk and civil dawn in which the lamp is off: to be warned of, for nobody may have meant them. */
export function darkSpans(curve: NightCurve, { sun }: Night): { readonly fromMs: number; readonly toMs: number }[] {
  const { evening, morning } = sun.crossings(CIVIL_DEG);
  if (evening.kind === 'staysAbove' || morning.kind === 'staysAbove') return [];
  const duskMs = evening.kind === 'at' ? evening.ms : curve.startMs;
  const dawnMs = morning.kind === 'at' ? morning.ms : curve.endMs;
  return curve.segments
    .filter(({ levelPercent }) => levelPercent === 0)
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, duskMs), toMs: Math.min(toMs, dawnMs) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}

function activePeriods(program: ControlProgram, night: Night): { readonly fromMs: number; readonly toMs: number }[] {
  if (program.activePeriods.length === 0) return [{ fromMs: night.startMs, toMs: night.endMs }];
  const resolved = program.activePeriods
    .flatMap(({ from, to }) => {
      const [fromMs, toMs] = [instantOf(from, night), instantOf(to, night)];
      return fromMs === undefined || toMs === undefined || toMs <= fromMs ? [] : [{ fromMs, toMs }];
    })
    .sort((a, b) => a.fromMs - b.fromMs);
  // Periods that touch or overlap are one.
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const period of resolved) {
    const last = merged.at(-1);
    if (last !== undefined && period.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, period.toMs);
    else merged.push({ ...period });
  }
  return merged;
}

interface FiredPoint extends Setting {
  readonly atMs: number;
}

/** The switch points that happen in the night, in order of time; of those at one instant the last of the program alone. */
function firedPoints(program: ControlProgram, night: Night): FiredPoint[] {
  const byInstant = new Map<number, FiredPoint>();
  for (const point of program.switchPoints) {
    const atMs = instantOf(point.at, night);
    if (atMs !== undefined) byInstant.set(atMs, { atMs, ...setting(program, point) });
  }
  return [...byInstant.values()].sort((a, b) => a.atMs - b.atMs);
}

function settingAt(program: ControlProgram, points: readonly FiredPoint[], ms: number): Setting {
  const last = points.findLast(({ atMs }) => atMs <= ms) ?? points.at(-1);
  return last ?? setting(program, { levelPercent: 100, fadeS: 0 });
}

function setting(program: ControlProgram, { levelPercent, fadeS }: Setting): Setting {
  return { levelPercent: levelPercent === 0 ? 0 : Math.max(levelPercent, program.minimumLevelPercent), fadeS };
}

function append(segments: LevelSegment[], segment: LevelSegment): void {
  const last = segments.at(-1);
  if (last === undefined || last.levelPercent !== segment.levelPercent) segments.push({ ...segment });
  else segments[segments.length - 1] = { ...last, toMs: segment.toMs };
}
