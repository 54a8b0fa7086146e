import { addDays, weekdayOf } from '#libs/kernel';

/** When a rule holds. Dates are local dates of nights: the night of a date runs from its noon to the next. */
export type CalendarCondition =
  /** Every year, `MM-DD` to `MM-DD`, both included; over the turn of the year when `to` is before `from`. */
  | { readonly kind: 'dateRange'; readonly from: string; readonly to: string }
  /** ISO weekdays, Monday 1 to Sunday 7. */
  | { readonly kind: 'weekdays'; readonly weekdays: readonly number[] }
  /** The first (1) to fifth (5) such weekday of its month, or the last. */
  | { readonly kind: 'nthWeekday'; readonly weekday: number; readonly nth: 1 | 2 | 3 | 4 | 5 | 'last' }
  /** `MM-DD` of every year. 02-29 is in leap years only. */
  | { readonly kind: 'yearly'; readonly date: string }
  /** Days after Easter Sunday, negative before: Western (Gregorian) or Orthodox Easter. */
  | { readonly kind: 'easter'; readonly offsetDays: number; readonly church: 'western' | 'orthodox' }
  /** `YYYY-MM-DD`. */
  | { readonly kind: 'dates'; readonly dates: readonly string[] };

/** A rule holds on the dates on which all of its conditions do. */
export interface CalendarRule<P> {
  readonly conditions: readonly CalendarCondition[];
  readonly program: P;
}

/** Which program a night has: of the first rule that holds, else the default. */
export interface Calendar<P> {
  readonly rules: readonly CalendarRule<P>[];
  readonly defaultProgram: P;
}

/** The program of the night of a date, and the index of the rule that says so; -1 for the default. */
export function programOfNight<P>(calendar: Calendar<P>, date: string): { readonly program: P; readonly rule: number } {
  const rule = calendar.rules.findIndex(({ conditions }) => conditions.every((condition) => holds(condition, date)));
  return { program: calendar.rules[rule]?.program ?? calendar.defaultProgram, rule };
}

/** Whether a condition holds on a date. */
export function holds(condition: CalendarCondition, date: string): boolean {
  const monthDay = date.slice(5);
  switch (condition.kind) {
    case 'dateRange': {
      const { from, to } = condition;
      return from <= to ? from <= monthDay && monthDay <= to : monthDay >= from || monthDay <= to;
    }
    case 'weekdays':
      return condition.weekdays.includes(weekdayOf(date));
    case 'nthWeekday':
      return weekdayOf(date) === condition.weekday && isNth(condition.nth, date);
    case 'yearly':
      return monthDay === condition.date;
    case 'easter':
      return date === addDays(easterSunday(Number(date.slice(0, 4)), condition.church), condition.offsetDays);
    case 'dates':
      return condition.dates.includes(date);
  }
}

function isNth(nth: 1 | 2 | 3 | 4 | 5 | 'last', date: string): boolean {
  if (nth === 'last') return addDays(date, 7).slice(0, 7) !== date.slice(0, 7);
  return Math.ceil(Number(date.slice(8)) / 7) === nth;
}

/**
 * Easter Sunday of a year, as a Gregorian date. Western: the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, ch. 8);
 * Orthodox: Meeus' Julian algorithm, moved by the days between the calendars (13 from 1900 to 2099).
 */
export function easterSunday(year: number, church: 'western' | 'orthodox'): string {
  return church === 'western' ? westernEaster(year) : orthodoxEaster(year);
}

function westernEaster(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const g = Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  return monthDayOf(year, h + l - 7 * m + 114);
}

function orthodoxEaster(year: number): string {
  const d = (19 * (year % 19) + 15) % 30;
  const e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7;
  const century = Math.floor(year / 100);
  return addDays(monthDayOf(year, d + e + 114), century - Math.floor(century / 4) - 2);
}

/** Both algorithms end with a number that holds month and day: 31 × month + day - 1. */
function monthDayOf(year: number, packed: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${year}-${two(Math.floor(packed / 31))}-${two((packed % 31) + 1)}`;
}
