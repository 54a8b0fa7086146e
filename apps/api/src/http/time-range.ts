import { z } from 'zod';
import { DomainError, startOfLocalDate } from '#libs/kernel';
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

/** The instant that a day or an instant in a query means. */
export function toInstant(text: string, timeZone: string): Date {
  return new Date(isLocalDate(text) ? startOfLocalDate(text, timeZone) : Date.parse(text));
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
