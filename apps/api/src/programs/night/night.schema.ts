/** The parts of answers about nights. */
import { z } from 'zod';
import { instantField, isLocalDate } from '../../http/fields.schema.js';
import { LAST_NIGHT } from './local-time.js';

export const nightDateField = z
  .string()
  .refine(
    (text) => isLocalDate(text) && text <= LAST_NIGHT,
    `must be a day that exists, as YYYY-MM-DD, from 1970-01-01 to ${LAST_NIGHT}`,
  )
  .meta({
    description: 'Date of the evening: the night runs from its noon to the next',
    examples: ['2026-11-24'],
    format: 'date',
  });

export const localField = (description: string) =>
  z.string().meta({ description, format: 'date-time', examples: ['2026-11-24T19:00:00+02:00'] });

const levelPercent = z.number().meta({ description: 'Light level, percent; 0 is off', examples: [60] });
const fadeS = z.number().meta({ description: 'Seconds that the lamp takes to get there', examples: [30] });

const sunEvent = z
  .strictObject({
    event: z.enum(['at', 'staysAbove', 'staysBelow']).meta({
      description: 'at: it happens; staysAbove: it never gets that dark; staysBelow: it is darker all along',
      examples: ['at'],
    }),
    utc: instantField('When', '2026-11-24T14:33:12.000Z').nullable(),
    local: localField('When, on the clocks of the place').nullable(),
    words: z.string().meta({ description: 'The same in words', examples: ['The sun sets at 16:33'] }),
  })
  .meta({ id: 'SunEvent', description: 'What the sun does, or why it does not' });

export const sun = z
  .strictObject({
    sunset: sunEvent,
    civilDusk: sunEvent,
    solarMidnight: sunEvent,
    civilDawn: sunEvent,
    sunrise: sunEvent,
  })
  .meta({ id: 'SunOfNight', description: 'The sun in the night' });

export const firedPoints = z
  .array(
    z
      .strictObject({
        utc: instantField('When'),
        local: localField('When, on the clocks of the place'),
        levelPercent,
        fadeS,
        programPoint: z
          .int()
          .nullable()
          .meta({
            description: 'Index of the switch point in the program; null: an active period begins or ends',
            examples: [1],
          }),
      })
      .meta({ id: 'NightSwitchPoint', description: 'When the lamp goes to another level' }),
  )
  .meta({ description: 'In order of time; where the level stays the same there is none' });

export const segments = z
  .array(
    z
      .strictObject({ from: instantField('Begin'), to: instantField('End, exclusive'), levelPercent, fadeS })
      .meta({ id: 'LevelSegment', description: 'The level that holds for a time' }),
  )
  .meta({ description: 'The level curve, without gaps, from noon to noon' });

export const burningHours = z.number().meta({ description: 'Hours in which the level is above 0', examples: [13.25] });
export const fullLevelHours = z
  .number()
  .meta({ description: 'Hours at 100 % that give as much light', examples: [9.6] });
