import { altitudeCrossings, type Place } from '#libs/astronomy';
import { addDays } from '#libs/kernel';
import type { AnchoredTime, ControlProgram } from './control-program.js';
import { darkSpans, nightCurve, type NightCurve } from './night-curve.js';
import { instantOf, nightOf, type Night } from './resolve-anchor.js';

/** Above this nobody needs a street light, degrees: the sun is well up. */
const BROAD_DAYLIGHT_DEG = 6;
/** Dates that a warning names; `nights` has the count of all. */
const NAMED_DATES = 10;

/** What may be a mistake in a program. None of it is forbidden. */
export type ProgramWarningCode =
  /** The lamp is off between civil dusk and civil dawn. */
  | 'darkAtNight'
  /** The lamp is lit while the sun is more than 6° up. */
  | 'litByDay'
  /** The end of an active period is not after its start, or what it is anchored to does not happen: it does nothing that night. */
  | 'periodEmpty'
  /** The point falls outside every active period, or does not happen, in every night. */
  | 'pointNeverFires'
  /** Two points at one instant: the later in the list wins. */
  | 'pointsCoincide'
  /** The point sets the level that holds already, in every night in which it fires. */
  | 'pointChangesNothing';

/** A warning, with the dates on which it bites. */
export interface ProgramWarning {
  readonly code: ProgramWarningCode;
  /** JSON Pointer to the switch point or period it concerns; empty for the program as a whole. */
  readonly at: string;
  /** In how many of the nights looked at. */
  readonly nights: number;
  /** The first of them. */
  readonly dates: readonly string[];
}

/**
 * Walks a program through the nights of `days` dates at a place, a year of them to see the shortest and the longest night and both
 * changes of the clock, and says what may not be meant. Throws RangeError for what is no date, zone or wall time.
 */
export function reviewProgram(program: ControlProgram, place: Place, firstDate: string, days = 366): ProgramWarning[] {
  const findings = new Findings();
  const fired = program.switchPoints.map(() => 0);
  const changed = program.switchPoints.map(() => 0);
  for (let day = 0; day < days; day += 1) {
    const date = addDays(firstDate, day);
    const night = nightOf(place, date);
    const curve = nightCurve(program, place, date);
    if (darkSpans(curve, place, date).length > 0) findings.add('darkAtNight', '', date);
    if (isLitByDay(curve, place, date)) findings.add('litByDay', '', date);
    reviewPeriods(program, night, findings);
    reviewPoints(program, night, curve, findings, fired, changed);
  }
  program.switchPoints.forEach((_point, index) => {
    if (fired[index] === 0) findings.addAll('pointNeverFires', `/switchPoints/${index}`, days);
    else if (changed[index] === 0) findings.addAll('pointChangesNothing', `/switchPoints/${index}`, fired[index] ?? 0);
  });
  return findings.list();
}

function reviewPeriods(program: ControlProgram, night: Night, findings: Findings): void {
  program.activePeriods.forEach(({ from, to }, index) => {
    const [fromMs, toMs] = [instantOf(from, night), instantOf(to, night)];
    if (fromMs === undefined || toMs === undefined || toMs <= fromMs) {
      findings.add('periodEmpty', `/activePeriods/${index}`, night.date);
    }
  });
}

function reviewPoints(
  program: ControlProgram,
  night: Night,
  curve: NightCurve,
  findings: Findings,
  fired: number[],
  changed: number[],
): void {
  const instants = program.switchPoints.map(({ at }) => instantWithin(at, night));
  instants.forEach((atMs, index) => {
    if (atMs === undefined) return;
    const isLast = instants.lastIndexOf(atMs) === index;
    if (instants.indexOf(atMs) !== index) findings.add('pointsCoincide', `/switchPoints/${index}`, night.date);
    if (!isLast || !isActiveAt(program, night, atMs)) return;
    fired[index] = (fired[index] ?? 0) + 1;
    // A point that sets another level than the one before begins a segment.
    if (curve.segments.some(({ fromMs }) => fromMs === atMs)) changed[index] = (changed[index] ?? 0) + 1;
  });
}

/** The instant of a time, where it lies within the night and not at its end, which is the next one's start. */
function instantWithin(time: AnchoredTime, night: Night): number | undefined {
  const atMs = instantOf(time, night);
  return atMs === undefined || atMs >= night.endMs ? undefined : atMs;
}

function isActiveAt(program: ControlProgram, night: Night, ms: number): boolean {
  if (program.activePeriods.length === 0) return true;
  return program.activePeriods.some(({ from, to }) => {
    const [fromMs, toMs] = [instantOf(from, night), instantOf(to, night)];
    return fromMs !== undefined && toMs !== undefined && fromMs <= ms && ms < toMs;
  });
}

function isLitByDay(curve: NightCurve, place: Place, date: string): boolean {
  const { evening, morning } = altitudeCrossings(place, date, BROAD_DAYLIGHT_DEG);
  // Never that high: there is no broad daylight to burn in.
  if (evening.kind === 'staysBelow' && morning.kind === 'staysBelow') return false;
  const isAllDay = evening.kind === 'staysAbove' || morning.kind === 'staysAbove';
  const duskMs = isAllDay ? curve.endMs : evening.kind === 'at' ? evening.ms : curve.startMs;
  const dawnMs = isAllDay ? curve.endMs : morning.kind === 'at' ? morning.ms : curve.endMs;
  return curve.segments.some(
    ({ fromMs, toMs, levelPercent }) => levelPercent > 0 && (fromMs < duskMs || toMs > dawnMs),
  );
}

/** Warnings by what they concern. */
class Findings {
  private readonly found = new Map<string, { code: ProgramWarningCode; at: string; nights: number; dates: string[] }>();

  add(code: ProgramWarningCode, at: string, date: string): void {
    const warning = this.of(code, at);
    warning.nights += 1;
    if (warning.dates.length < NAMED_DATES) warning.dates.push(date);
  }

  /** What holds in every night needs no dates. */
  addAll(code: ProgramWarningCode, at: string, nights: number): void {
    this.of(code, at).nights = nights;
  }

  list(): ProgramWarning[] {
    return [...this.found.values()];
  }

  private of(code: ProgramWarningCode, at: string) {
    const key = `${code} ${at}`;
    const known = this.found.get(key) ?? { code, at, nights: 0, dates: [] };
    this.found.set(key, known);
    return known;
  }
}
