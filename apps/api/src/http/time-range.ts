import { z } from 'zod';
import { DomainError } from '#libs/kernel';
import { isLocalDate } from './fields.schema.js';

const INSTANT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const RULE = 'must be a day such as 2026-11-01 (local to the site) or an instant such as 2026-11-01T00:00:00Z';

/** A day in the site's zone, or an instant with its offset. In URLs the + of an offset is written %2B. */
export function isMoment(text: string): boolean {
  const day = INSTANT.exec(text)?.[1] ?? text;
  return isLocalDate(day) && day < '9000' && (day === text || !Number.isNaN(Date.parse(text)));
}

export function momentField(description: string, example: string) {
  return z
    .string()
    .max(40, RULE)
    .refine(isMoment, RULE)
    .meta({ description, examples: [example] });
}

/** The first instant of a local day: noon of it, moved by what the zone's clocks say. */
export function startOfDayMs(day: string, timeZone: string): number {
  const utcMidnight = Date.parse(`${day}T00:00:00Z`);
  const guess = utcMidnight - offsetMs(utcMidnight, timeZone);
  const exact = utcMidnight - offsetMs(guess, timeZone);
  // Where clocks go forward at midnight the day begins later: the earlier offset holds until then.
  return localDay(exact, timeZone) === day ? exact : Math.max(guess, exact);
}

function parts(ms: number, timeZone: string): Record<string, number> {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', era: 'short' },
  });
  return Object.fromEntries(format.formatToParts(ms).map((part) => [part.type, Number(part.value)]));
}

function offsetMs(ms: number, timeZone: string): number {
  const at = parts(ms, timeZone);
  const wall = Date.UTC(at['year'] ?? 0, (at['month'] ?? 1) - 1, at['day'], at['hour'], at['minute'], at['second']);
  return wall - Math.floor(ms / 1000) * 1000;
}

function localDay(ms: number, timeZone: string): string {
  const at = parts(ms, timeZone);
  const two = (value: number | undefined): string => String(value).padStart(2, '0');
  return `${String(at['year']).padStart(4, '0')}-${two(at['month'])}-${two(at['day'])}`;
}

/** The instant that a day or an instant in a query means. */
export function toInstant(text: string, timeZone: string): Date {
  return new Date(isLocalDate(text) ? startOfDayMs(text, timeZone) : Date.parse(text));
}

/** From (inclusive) to (exclusive); refuses an empty or too long one with what to do. */
export function timeRange(from: Date, to: Date, maxDays: number, advice: string): { from: Date; to: Date } {
  if (from >= to) {
    throw new DomainError('invalid', 'The time range is empty: from must be before to', [
      { at: 'query/to', problem: `must be after ${from.toISOString()}` },
    ]);
  }
  if (to.getTime() - from.getTime() > maxDays * 86_400_000 + 7_200_000) {
    throw new DomainError('invalid', `The time range is longer than ${maxDays} days: ${advice}`, [
      { at: 'query/from', problem: `must be at the most ${maxDays} days before to` },
    ]);
  }
  return { from, to };
}
