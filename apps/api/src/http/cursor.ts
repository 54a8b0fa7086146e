import { z } from 'zod';
import { queryInteger } from './fields.schema.js';

/** The cursor of the item after which the next page begins. Opaque to clients: its content may change. */
export function encodeCursor(key: string | number): string {
  return Buffer.from(JSON.stringify([key])).toString('base64url');
}

const RULE = 'is not a cursor of this list: pass nextCursor of the page before as it was given';

function decode(cursor: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) && value.length === 1 ? value[0] : undefined;
  } catch {
    return undefined;
  }
}

const meta = {
  description: 'Where to go on: `nextCursor` of the page before. The first page has none',
  examples: [encodeCursor('BT-LAMP-0100')],
};

function cursorOf<T>(valid: (key: unknown) => key is T) {
  return z
    .string()
    .min(1, RULE)
    .max(400, RULE)
    .transform((text, context): T => {
      const key = decode(text);
      if (valid(key)) return key;
      context.addIssue({ code: 'custom', message: RULE });
      return z.NEVER;
    })
    .optional()
    .meta({ ...meta, jsonSchema: { type: 'string', minLength: 1, maxLength: 400 } });
}

/** Of lists in the order of a text key. */
export const textCursor = cursorOf(
  (key): key is string => typeof key === 'string' && key.length <= 200 && !key.includes('\u0000'),
);

/** Of lists in the order of a number. */
export const numberCursor = cursorOf((key): key is number => Number.isSafeInteger(key) && (key as number) >= 0);

/** Of lists in the order of several keys, written as one text. */
export function patternCursor(pattern: RegExp) {
  return cursorOf((key): key is string => typeof key === 'string' && pattern.test(key));
}

export const limitField = queryInteger(1, 1000, 'Items on a page', 100);

/** The query of a list in the order of its addresses. */
export const pageQuery = z.strictObject({ cursor: textCursor, limit: limitField });
export type PageQuery = z.infer<typeof pageQuery>;

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** The schema of a page, named after what it holds. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return z
    .strictObject({
      items: z.array(item),
      nextCursor: z
        .string()
        .nullable()
        .meta({
          description: 'Pass it as `cursor` for the next page; null on the last one',
          examples: [encodeCursor('B-17')],
        }),
    })
    .meta({ id, description: 'One page of the list' });
}

/** Makes a page of `limit + 1` rows: the extra one says that there is more. */
export function toPage<R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => string | number,
  view: (row: R) => T,
): Page<T> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(view),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
