/** The scalars that requests are made of: everything is bounded, and says in the field's words what it wants. */
import { z } from 'zod';
import { ADDRESS_PATTERN } from '#libs/kernel';

const ADDRESS_RULE = 'must be 1 to 64 letters, digits and . _ ~ - and begin with a letter or a digit';

/** The address of a site, device, lamp, cabinet, group or the code of a lamp type: what stands in URLs and topics. */
export function addressField(description: string, example: string) {
  return z
    .string()
    .regex(ADDRESS_PATTERN, ADDRESS_RULE)
    .meta({ description, examples: [example] });
}

// PostgreSQL refuses U+0000, and no name of a street holds a control character on purpose.

const NO_CONTROL = /^[^\u0000-\u001f\u007f]*$/;

/** A text for people, trimmed, on one line. */
export function textField(max: number, description: string, example: string) {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must be ${max} characters at the most`)
    .regex(NO_CONTROL, 'must not contain control characters')
    .meta({ description, examples: [example] });
}

export function numberField(min: number, max: number, description: string, example: number) {
  return z
    .number('must be a number')
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`)
    .meta({ description, examples: [example] });
}

export const latitudeField = (example: number) => numberField(-90, 90, 'Degrees north (WGS 84)', example);
export const longitudeField = (example: number) => numberField(-180, 180, 'Degrees east (WGS 84)', example);

/** An instant in an answer. */
export function instantField(description: string, example = '2026-11-24T17:00:00.000Z') {
  return z.string().meta({ description, format: 'date-time', examples: [example] });
}

/** An instant in a request. */
export function instantInput(description: string, example: string) {
  const rule = `must be an instant with its offset (RFC 3339), such as ${example}`;
  return z.iso
    .datetime({ offset: true, error: rule })
    .max(40, rule)
    .meta({ description, examples: [example] });
}

export const versionField = z
  .int()
  .meta({ description: 'Grows by one with every change; the ETag of the resource', examples: [3] });

/** A whole number in a query string. `''`, `1e3` and `0x10` are not numbers here. */
export function queryInteger(min: number, max: number, description: string, fallback: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule)
    .default(fallback)
    .meta({
      description,
      jsonSchema: { type: 'integer', minimum: min, maximum: max, default: fallback, example: fallback },
    });
}

/** `true` or `false` in a query string. */
export function queryFlag(description: string) {
  return z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .meta({ description, jsonSchema: { type: 'boolean', example: true } });
}

/** Whether `text` is a day that exists, as `YYYY-MM-DD`. */
export function isLocalDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && text >= '1970-01-01';
}

export const localDateField = z
  .string()
  .refine(isLocalDate, 'must be a day that exists, as YYYY-MM-DD, from 1970 on')
  .meta({ description: 'A day in the site’s own time zone', examples: ['2026-11-01'], format: 'date' });
