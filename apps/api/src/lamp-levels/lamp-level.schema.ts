import { COMMAND_STATES, OVERRIDE_PRIORITIES } from '#libs/commands';
import { LEVEL_REASONS } from '#libs/protocol';
import { z } from 'zod';
import { limitField, pageOf, textCursor } from '../http/cursor.js';
import { addressField, instantField } from '../http/fields.schema.js';
import { lampFilterFields } from '../lamps/lamp-filter.schema.js';

export const LEVEL_STATUSES = ['applied', 'pending', 'notApplied', 'unknown'] as const;

const percent = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [60] });
const current = z.boolean().meta({
  description: 'Whether the reading is young enough to be a value: three reporting intervals of the device',
  examples: [true],
});

const commanded = z
  .strictObject({
    levelPercent: percent('The level that the lamp shall have, percent; null when nothing is wanted of it'),
    reason: z.enum(['override', 'calendar', 'default']).meta({
      description: 'default: it has no override and no calendar, and does what its controller does by default',
      examples: ['calendar'],
    }),
    since: instantField('Since when').nullable(),
    until: instantField('Until when, as things stand').nullable(),
    override: z
      .strictObject({ id: z.string(), priority: z.enum(OVERRIDE_PRIORITIES) })
      .nullable()
      .meta({ description: 'The override that holds' }),
    calendar: z
      .string()
      .nullable()
      .meta({ description: 'Address of the calendar that says so', examples: ['STREETS'] }),
    program: z
      .string()
      .nullable()
      .meta({ description: 'Address of the control program of the night', examples: ['EVENING'] }),
    rule: z
      .int()
      .nullable()
      .meta({ description: 'Which rule of the calendar chose it, from 0; -1 for its default', examples: [-1] }),
  })
  .meta({ description: 'What is wanted' });

const inEffect = z
  .strictObject({
    levelPercent: percent('The level that the controller aims at, percent'),
    reason: z
      .enum(LEVEL_REASONS)
      .nullable()
      .meta({ description: 'Why, as the controller says', examples: ['calendar'] }),
    at: instantField('When it said so'),
    current,
  })
  .meta({ description: 'What the controller says it does; null when it does not say' });

const physical = z
  .strictObject({
    levelPercent: percent('The level that the lamp shows, percent'),
    activePowerW: z
      .number()
      .nullable()
      .meta({ description: 'Mains power, W', examples: [34.2] }),
    at: instantField('When it was measured'),
    current,
  })
  .meta({ description: 'What the lamp shows; null when it has never reported' });

const command = z
  .strictObject({
    state: z.enum(COMMAND_STATES).meta({ examples: ['confirmed'] }),
    at: instantField('When it was made'),
    problem: z.string().nullable().meta({ description: 'What went wrong, and what to look at' }),
  })
  .meta({ description: 'The last command to the lamp; null when there was none. Calendars need none' });

export const lampLevelView = z
  .strictObject({
    lamp: addressField('Address of the lamp', 'BT-0001'),
    device: addressField('Device that speaks for it', 'GW-01'),
    deviceOnline: z
      .boolean()
      .nullable()
      .meta({ description: 'What the device said of itself last; null when it never did', examples: [true] }),
    commanded,
    inEffect: inEffect.nullable(),
    physical: physical.nullable(),
    status: z.enum(LEVEL_STATUSES).meta({
      description:
        'applied: it shows what is wanted; pending: it has not had the time; notApplied: it shows something else; unknown: it does not ' +
        'report, or nothing is wanted of it',
      examples: ['applied'],
    }),
    problem: z
      .string()
      .nullable()
      .meta({
        description: 'What to look at when it is not applied or not known',
        examples: ['the controller aims at 50 %, but the lamp shows 100 %: look at its driver'],
      }),
    command: command.nullable(),
  })
  .meta({ id: 'LampLevel', description: 'The three levels of a lamp: wanted, aimed at, shown' });

export const lampLevelPage = pageOf('LampLevelPage', lampLevelView);

export const lampLevelQuery = z.strictObject({
  cursor: textCursor,
  limit: limitField,
  status: z
    .enum(LEVEL_STATUSES, `must be one of ${LEVEL_STATUSES.join(', ')}`)
    .optional()
    .meta({
      description: 'Lamps of this status only: `notApplied` is the list to work through',
      examples: ['notApplied'],
    }),
  ...lampFilterFields,
});
