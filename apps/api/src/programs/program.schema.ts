import { z } from 'zod';
import { commentField } from '../http/comment.schema.js';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField, textField, versionField } from '../http/fields.schema.js';
import { definitionDefaults, definitionFields, EXAMPLE_DEFINITION } from './definition.schema.js';

const address = addressField('Address of the program; cannot be changed', 'EVENING');
const name = textField(200, 'Name for people', 'Evening, dimmed after 23:00');

export const createProgram = z.strictObject({ address, name, ...definitionDefaults, comment: commentField }).meta({
  id: 'CreateProgram',
  description: 'A new control program',
  examples: [{ address: 'EVENING', name: 'Evening, dimmed after 23:00', ...EXAMPLE_DEFINITION }],
});

export const updateProgram = z
  .strictObject({ name, ...definitionFields, comment: commentField })
  .partial()
  .meta({
    id: 'UpdateProgram',
    description: 'What is given is changed; lists are replaced as a whole',
    examples: [{ minimumLevelPercent: 30, comment: 'Complaints from Mihai Eminescu street' }],
  });

export const warningView = z
  .looseObject({
    code: z.string().meta({ description: 'Kind of the warning; stable', examples: ['litByDay'] }),
    at: z.string().meta({
      description: 'JSON Pointer to what it concerns; empty for the whole',
      examples: ['/switchPoints/2'],
    }),
    nights: z.int().meta({ description: 'In how many of the nights looked at', examples: [12] }),
    dates: z.array(z.string()).meta({ description: 'The first of them', examples: [['2026-06-01']] }),
    message: z.string().meta({ description: 'What it is, where, and what to do about it' }),
  })
  .meta({ id: 'ScheduleWarning', description: 'What may be a mistake. Nothing of it is forbidden' });

export const warnings = z
  .array(warningView)
  .meta({ description: 'What may not be meant in the coming year at the place of the site' });

const specialNights = z
  .array(
    z
      .strictObject({
        kind: z.enum(['longestNight', 'shortestNight', 'clocksForward', 'clocksBack']),
        date: z.string().meta({ description: 'Local date on which the night begins', examples: ['2026-12-21'] }),
        burningHours: z.number().meta({ description: 'How long a lamp is lit, h', examples: [15.4] }),
      })
      .meta({ id: 'SpecialNight', description: 'A night to look at' }),
  )
  .meta({ description: 'The longest and the shortest night of the year, and those on which the clocks change' });

const fields = {
  address,
  name,
  ...definitionFields,
  createdAt: instantField('When it was created'),
  updatedAt: instantField('When it was changed last'),
  version: versionField,
};

export const programSummary = z
  .strictObject(fields)
  .meta({ id: 'ProgramSummary', description: 'What lamps do in a night' });
export const programView = z
  .strictObject({ ...fields, warnings, specialNights })
  .meta({ id: 'Program', description: 'What lamps do in a night, and what may be wrong with it' });

export const programPage = pageOf('ProgramPage', programSummary);
