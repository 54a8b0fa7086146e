import { z } from 'zod';
import { limitField, numberCursor, pageOf } from '../http/cursor.js';
import { instantField } from '../http/fields.schema.js';

const fields = {
  version: z.int().meta({ description: 'The version that the change made', examples: [3] }),
  action: z.enum(['created', 'changed', 'deleted']).meta({ description: 'What was done', examples: ['changed'] }),
  changedAt: instantField('When'),
  changedBy: z
    .string()
    .nullable()
    .meta({
      description: 'Who: user name, and the API key where one was used; null: not known',
      examples: ['Maria Ionescu'],
    }),
  comment: z
    .string()
    .nullable()
    .meta({ description: 'Why, as the client said it', examples: ['Quieter nights in winter'] }),
};

export const changeView = z
  .strictObject(fields)
  .meta({ id: 'ScheduleChange', description: 'Who changed it, and when' });
export const changePage = pageOf('ScheduleChangePage', changeView);

export const versionView = z
  .strictObject({
    ...fields,
    content: z.record(z.string(), z.unknown()).meta({
      description:
        'The whole of it as the change left it; of a deletion: as it was. Without its address it can be sent again with PATCH',
    }),
  })
  .meta({ id: 'ScheduleVersion', description: 'How it was at a version' });

/** Newest first. */
export const changesQuery = z.strictObject({ cursor: numberCursor, limit: limitField });
export type ChangesQuery = z.infer<typeof changesQuery>;

export const versionPath = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a version: a whole number from 1 on')
  .transform(Number)
  .meta({ description: 'Number of the version', jsonSchema: { type: 'integer', minimum: 1, example: 3 } });
