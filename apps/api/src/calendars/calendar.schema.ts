import { z } from 'zod';
import { commentField } from '../http/comment.schema.js';
import { pageOf } from '../http/cursor.js';
import { addressField, instantField, isLocalDate, textField, versionField } from '../http/fields.schema.js';
import { warnings } from '../programs/program.schema.js';

const KINDS = 'dateRange, weekdays, nthWeekday, yearly, easter, dates';
const MONTH_DAY = 'must be a day of the year as MM-DD, such as 12-24';
const WEEKDAY = 'must be 1 (Monday) to 7 (Sunday)';

/** A day of some year: 2024 is a leap year, so 02-29 is one. */
const monthDay = (description: string, example: string) =>
  z
    .string(MONTH_DAY)
    .regex(/^\d\d-\d\d$/, MONTH_DAY)
    .refine((text) => isLocalDate(`2024-${text}`), MONTH_DAY)
    .meta({ description, examples: [example] });
const weekday = z.int(WEEKDAY).min(1, WEEKDAY).max(7, WEEKDAY);
const kind = <K extends string>(name: K, description: string) => z.literal(name).meta({ description });

const condition = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: kind('dateRange', 'Every year, both days included'),
        from: monthDay('First day', '11-15'),
        to: monthDay('Last day; before `from`: over the turn of the year', '02-15'),
      }),
      z.strictObject({
        kind: kind('weekdays', 'On certain days of the week'),
        weekdays: z
          .array(weekday)
          .min(1, 'must name at least one day')
          .max(7)
          .refine((days) => new Set(days).size === days.length, 'must not name a day twice')
          .meta({ description: 'Monday 1 to Sunday 7', examples: [[5, 6]] }),
      }),
      z.strictObject({
        kind: kind('nthWeekday', 'The first, second, … or last such day of every month'),
        weekday: weekday.meta({ description: 'Monday 1 to Sunday 7', examples: [7] }),
        nth: z
          .union([z.literal([1, 2, 3, 4, 5]), z.literal('last')], 'must be 1 to 5, or "last"')
          .meta({ description: '1 to 5, or last', examples: ['last'] }),
      }),
      z.strictObject({
        kind: kind('yearly', 'On a day of every year'),
        date: monthDay('02-29 is in leap years only', '12-24'),
      }),
      z.strictObject({
        kind: kind('easter', 'On a day counted from Easter Sunday'),
        offsetDays: z
          .int('must be a whole number of days')
          .min(-100, 'must be -100 or more')
          .max(100, 'must be 100 or less')
          .meta({ description: 'Days after Easter Sunday, negative before', examples: [-2] }),
        church: z
          .enum(['western', 'orthodox'], 'must be western or orthodox')
          .meta({ description: 'Whose Easter', examples: ['orthodox'] }),
      }),
      z.strictObject({
        kind: kind('dates', 'On certain dates'),
        dates: z
          .array(z.string().refine(isLocalDate, 'must be a day that exists, as YYYY-MM-DD'))
          .min(1, 'must name at least one date')
          .max(366, 'must name 366 dates at the most')
          .meta({ description: 'Dates', examples: [['2026-12-31']] }),
      }),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union'
          ? `must be one of ${KINDS}`
          : 'must be an object such as {"kind": "yearly", "date": "12-24"}',
    },
  )
  .meta({ id: 'CalendarCondition', description: 'When a rule holds; dates are those of the evenings' });

const rule = z
  .strictObject({
    conditions: z
      .array(condition, 'must be a list of conditions')
      .min(1, 'must name at least one condition: a program for every other night is the defaultProgram')
      .max(10, 'must be 10 conditions at the most')
      .meta({ description: 'All of them have to hold' }),
    program: addressField('Address of the program of such nights', 'WEEKEND'),
  })
  .meta({ id: 'CalendarRule', description: 'A program for certain nights' });

const address = addressField('Address of the calendar; cannot be changed', 'STREETS');
const fields = {
  name: textField(200, 'Name for people', 'Streets of the centre'),
  rules: z
    .array(rule, 'must be a list of rules; [] is the default program every night')
    .max(100, 'must be 100 rules at the most')
    .meta({ description: 'The first rule that holds decides' }),
  defaultProgram: addressField('Address of the program of nights on which no rule holds', 'EVENING'),
};

export const createCalendar = z
  .strictObject({ address, ...fields, rules: fields.rules.default([]), comment: commentField })
  .meta({
    id: 'CreateCalendar',
    description: 'A new calendar',
    examples: [
      {
        address: 'STREETS',
        name: 'Streets of the centre',
        rules: [{ conditions: [{ kind: 'weekdays', weekdays: [5, 6] }], program: 'WEEKEND' }],
        defaultProgram: 'EVENING',
      },
    ],
  });

export const updateCalendar = z
  .strictObject({ ...fields, comment: commentField })
  .partial()
  .meta({
    id: 'UpdateCalendar',
    description: 'What is given is changed; the rules are replaced as a whole',
    examples: [{ defaultProgram: 'ECONOMY', comment: 'Energy crisis' }],
  });

const view = {
  address,
  ...fields,
  createdAt: instantField('When it was created'),
  updatedAt: instantField('When it was changed last'),
  version: versionField,
};

export const calendarSummary = z
  .strictObject(view)
  .meta({ id: 'CalendarSummary', description: 'Which control program each night has' });
export const calendarView = z
  .strictObject({ ...view, warnings })
  .meta({ id: 'Calendar', description: 'Which control program each night has, and what may be wrong with it' });
export const calendarPage = pageOf('CalendarPage', calendarSummary);
