import { z } from 'zod';
import { formatField } from '../http/accepts-svg.js';
import { addressField, instantField, queryInteger, versionField } from '../http/fields.schema.js';
import {
  burningHours,
  firedPoints,
  fullLevelHours,
  localField,
  nightDateField,
  segments,
  sun,
} from '../programs/night/night.schema.js';

export const scheduleQuery = z.strictObject({ date: nightDateField.optional() });
export const yearQuery = z.strictObject({
  from: nightDateField.optional(),
  days: queryInteger(1, 366, 'How many nights', 366),
  format: formatField,
});

const kind = z.enum(['site', 'cabinet', 'group', 'lamp']).meta({ description: 'Of what', examples: ['group'] });
const assignment = {
  kind,
  address: addressField('Address of the site, cabinet, group or lamp', 'CENTRE'),
  priority: z.int().meta({ description: 'Among groups the highest decides', examples: [0] }),
};
const calendarAddress = addressField('Address of the calendar', 'STREETS');
const why = z.string().meta({ description: 'In words', examples: ['A group goes before a site'] });
const named = (what: string, example: string) => ({
  address: addressField(`Address of the ${what}`, example),
  name: z.string().meta({ description: 'Name for people' }),
  version: versionField,
});

const rule = z
  .strictObject({
    index: z
      .int()
      .nullable()
      .meta({ description: 'Index in the rules; null: the default program', examples: [0] }),
    words: z.string().meta({ description: 'The rule in words', examples: ['Friday, Saturday'] }),
  })
  .meta({ id: 'RuleOfNight', description: 'Which rule of the calendar decides' });

const frame = {
  site: addressField('Address of the site', 'BT'),
  lamp: addressField('Address of the lamp', 'BT-0001'),
  timeZone: z.string().meta({ description: 'Zone of local times', examples: ['Europe/Bucharest'] }),
  message: z.string().meta({
    description: 'The whole in words; without a calendar: what to do',
    examples: ['Program EVENING, version 3, of calendar STREETS, which group CENTRE has'],
  }),
  calendar: z.strictObject(named('calendar', 'STREETS')).nullable().meta({ description: 'Null: the lamp has none' }),
  assignment: z
    .strictObject({ ...assignment, why })
    .nullable()
    .meta({ description: 'By which assignment it has the calendar, and why that one decides' }),
};

const minimumLevel = z
  .strictObject({
    levelPercent: z.number().meta({ description: 'Levels above 0 are raised to this', examples: [40] }),
    from: z.enum(['program', 'lampType', 'roadClass']).meta({ description: 'What wants it', examples: ['roadClass'] }),
    words: z
      .string()
      .meta({ description: 'The same in words', examples: ['Roads of lighting class M4 keep 40 %, as the site says'] }),
  })
  .meta({ id: 'MinimumLevel', description: 'How far the program may dim the lamp' });

const night = z
  .strictObject({
    rule,
    program: z.strictObject(named('program', 'EVENING')),
    minimumLevel,
    switchPoints: firedPoints,
    segments,
    burningHours,
    fullLevelHours,
  })
  .meta({ id: 'LampNight', description: 'What the program does with the lamp in the night' });

export const scheduleView = z
  .strictObject({
    ...frame,
    date: nightDateField,
    sun,
    otherAssignments: z
      .array(z.strictObject({ ...assignment, calendar: calendarAddress, why }))
      .meta({ description: 'Those that speak of the lamp too, and why they do not decide' }),
    night: night.nullable().meta({ description: 'Null: the lamp has no calendar' }),
    now: z
      .strictObject({
        at: instantField('The instant that is meant'),
        local: localField('The same on the clocks of the site'),
        program: addressField('Address of the program', 'EVENING'),
        levelPercent: z.number().meta({ description: 'Level that the program asks for', examples: [60] }),
      })
      .nullable()
      .meta({
        description:
          'What the program asks for right now, whatever the date; overrides and what the lamp does are other things',
      }),
  })
  .meta({ id: 'LampSchedule', description: 'What a lamp is to do in a night, and why' });

export const yearView = z
  .strictObject({
    ...frame,
    from: nightDateField,
    days: z.int().meta({ description: 'Number of nights', examples: [366] }),
    burningHours,
    nights: z
      .array(
        z
          .strictObject({
            date: nightDateField,
            rule: z
              .int()
              .nullable()
              .meta({ description: 'Index of the rule; null: the default program', examples: [0] }),
            program: addressField('Address of the program', 'EVENING'),
            onAt: instantField('When it goes on first; null: dark all night').nullable(),
            offAt: instantField('When it goes off last; null: dark all night').nullable(),
            burningHours,
            segments,
          })
          .meta({ id: 'NightOfYear', description: 'One night' }),
      )
      .meta({ description: 'Empty: the lamp has no calendar' }),
  })
  .meta({ id: 'LampYear', description: 'What a lamp is to do, night by night' });

export type ScheduleView = z.infer<typeof scheduleView>;
export type YearView = z.infer<typeof yearView>;
