import type { Place } from '#libs/astronomy';
import { addDays, localNoonMs } from '#libs/kernel';
import { programOfNight, type Calendar } from './calendar.js';
import { dateOfNight, joinNights, levelAtPoint, nightPoints, type CompiledPoint } from './compile-nights.js';
import type { ControlProgram } from './control-program.js';
import { nightCurve } from './night-curve.js';

/** Nights of programs that are remembered; a city of ten programs and four floors has 1,800 of them in 45 days. */
const MAX_REMEMBERED = 20_000;

/** The level that a calendar asks for at an instant, and why. */
export interface CalendarLevel {
  readonly levelPercent: number;
  readonly fadeS: number;
  readonly sinceMs: number;
  /** When the next other level begins; at the latest the end of the next night. */
  readonly untilMs: number;
  /** The program of the night. */
  readonly program: string;
  /** Index of the calendar's rule that chose it; -1 for the default. */
  readonly rule: number;
}

/**
 * What the calendars of a site make of its programs, night by night, each worked out once. Calendars are known by id, programs by
 * address. A floor is the level that a lamp must not go below while it is lit, percent: it raises the program's own minimum.
 */
export class SitePrograms {
  private readonly nights = new Map<string, readonly CompiledPoint[]>();

  constructor(
    readonly place: Place,
    private readonly programs: ReadonlyMap<string, ControlProgram>,
    private readonly calendars: ReadonlyMap<number, Calendar<string>>,
  ) {}

  /** Which program the night of a date has. Throws RangeError when there is no such calendar. */
  programOf(calendarId: number, date: string): { readonly program: string; readonly rule: number } {
    const calendar = this.calendars.get(calendarId);
    if (calendar === undefined) throw new RangeError(`there is no calendar ${calendarId}`);
    return programOfNight(calendar, date);
  }

  /** The switch points of a night, from its noon on. */
  pointsOf(calendarId: number, floorPercent: number, date: string): readonly CompiledPoint[] {
    const { program: address } = this.programOf(calendarId, date);
    const key = `${address} ${floorPercent} ${date}`;
    const known = this.nights.get(key);
    if (known !== undefined) return known;
    const program = this.programs.get(address);
    if (program === undefined) throw new RangeError(`there is no program ${address}`);
    const minimumLevelPercent = Math.max(program.minimumLevelPercent, floorPercent);
    const points = nightPoints(nightCurve({ ...program, minimumLevelPercent }, this.place, date));
    if (this.nights.size >= MAX_REMEMBERED) this.nights.clear();
    this.nights.set(key, points);
    return points;
  }

  /** The switch points of consecutive nights, without those that repeat the level that holds. */
  pointsOfNights(calendarId: number, floorPercent: number, firstDate: string, nights: number): CompiledPoint[] {
    const dates = Array.from({ length: nights }, (_, night) => addDays(firstDate, night));
    return joinNights(dates.map((date) => this.pointsOf(calendarId, floorPercent, date)));
  }

  /** The level that holds at an instant. */
  levelAt(calendarId: number, floorPercent: number, ms: number): CalendarLevel {
    const date = dateOfNight(ms, this.place.timeZone);
    // The level may have begun in the night before, and end in the next.
    const points = this.pointsOfNights(calendarId, floorPercent, addDays(date, -1), 3);
    const point = levelAtPoint(points, ms) ?? points[0];
    if (point === undefined) throw new RangeError('a night without a level');
    const next = points.find(({ atS }) => atS > point.atS);
    const untilMs = next === undefined ? localNoonMs(addDays(date, 2), this.place.timeZone) : next.atS * 1000;
    const { levelPercent, fadeS, atS } = point;
    return { levelPercent, fadeS, sinceMs: atS * 1000, untilMs, ...this.programOf(calendarId, date) };
  }
}
