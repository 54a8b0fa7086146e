import { COMMAND_STATES, MAX_AHEAD_DAYS, MAX_OVERRIDE_DAYS, OVERRIDE_PRIORITIES } from '#libs/commands';
import { z } from 'zod';
import { numberCursor, pageOf } from '../http/cursor.js';
import {
  addressField,
  instantField,
  instantInput,
  numberField,
  queryFlag,
  queryInteger,
  textField,
} from '../http/fields.schema.js';

const kind = <K extends string>(name: K) => z.literal(name).meta({ examples: [name] });
const TARGET_RULE = 'must have a kind: site, cabinet or group (with address), or lamps (with addresses)';

const target = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: kind('site') }).meta({ description: 'Every lamp of the site' }),
      z
        .strictObject({ kind: kind('cabinet'), address: addressField('Address of the cabinet', 'CAB-01') })
        .meta({ description: 'The lamps that a cabinet feeds, also those that come to it later' }),
      z
        .strictObject({ kind: kind('group'), address: addressField('Address of the group', 'CENTRE') })
        .meta({ description: 'The lamps of a group, also those that join it later' }),
      z
        .strictObject({
          kind: kind('lamps'),
          addresses: z
            .array(addressField('Address of a lamp', 'BT-0001'))
            .min(1, 'must name at least one lamp')
            .max(10_000, 'must be 10,000 lamps at the most: take a group')
            .meta({ description: 'The lamps', examples: [['BT-0001', 'BT-0002']] }),
        })
        .meta({ description: 'These lamps' }),
    ],
    TARGET_RULE,
  )
  .meta({
    id: 'OverrideTarget',
    description: 'Which lamps are meant',
    examples: [{ kind: 'group', address: 'CENTRE' }],
  });

const priority = z.enum(OVERRIDE_PRIORITIES, 'must be manual or emergency').meta({
  description: 'An emergency goes before everything, whatever is asked for later; of equals the latest holds',
  examples: ['manual'],
});
const levelPercent = numberField(0, 100, 'Light level, percent', 60);
const fadeS = numberField(0, 3600, 'How long the lamps take to get there, s', 10);

export const createOverride = z
  .strictObject({
    target,
    levelPercent,
    fadeS: fadeS.default(0),
    priority: priority.default('manual'),
    startsAt: instantInput('When it begins; at once when absent or past', '2026-11-24T20:00:00Z')
      .optional()
      .meta({ description: `When it begins; at once when absent or past. At most ${MAX_AHEAD_DAYS} days ahead` }),
    expiresAt: instantInput('When it ends', '2026-11-24T23:00:00Z').meta({
      description: `When it ends, at most ${MAX_OVERRIDE_DAYS} days after its begin. There is no override without an end`,
    }),
    reason: textField(500, 'Why; for people', 'Football match').optional(),
  })
  .meta({
    id: 'CreateOverride',
    description: 'A level that goes before the calendar for a time',
    examples: [{ target: { kind: 'group', address: 'CENTRE' }, levelPercent: 100, expiresAt: '2026-11-24T23:00:00Z' }],
  });

const count = (description: string) => z.int().meta({ description, examples: [0] });
const STATE_WORDS: Record<(typeof COMMAND_STATES)[number], string> = {
  queued: 'Wanted, not yet sent',
  sent: 'Sent, not yet answered',
  acknowledged: 'The device obeys, no reading shows it yet',
  confirmed: 'The lamp reports the level',
  failed: 'Refused, not answered, or without effect',
  expired: 'Its time passed first',
  cancelled: 'Taken back, or replaced by a later command',
};

/** How many lamps are in which state of delivery. */
export const commandCounts = z
  .strictObject(
    Object.fromEntries(COMMAND_STATES.map((state) => [state, count(STATE_WORDS[state])])) as Record<
      keyof typeof STATE_WORDS,
      ReturnType<typeof count>
    >,
  )
  .meta({ id: 'CommandCounts', description: 'How many lamps are in which state of delivery' });

export const OVERRIDE_STATES = ['scheduled', 'active', 'ended', 'released'] as const;

export const overrideView = z
  .strictObject({
    id: z.string().meta({ format: 'uuid', examples: ['5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'] }),
    target: z
      .strictObject({
        kind: z.enum(['site', 'cabinet', 'group', 'lamps']),
        address: z.string().nullable().meta({ description: 'Of the cabinet or group; null otherwise' }),
      })
      .meta({ description: 'Which lamps are meant', examples: [{ kind: 'group', address: 'CENTRE' }] }),
    lampCount: z.int().meta({ description: 'Lamps in service that are meant now', examples: [310] }),
    heldLamps: z.int().meta({
      description:
        'Of these, lamps that another override holds: an emergency, or a later one of the same priority. 0 when this one is not active',
      examples: [0],
    }),
    state: z.enum(OVERRIDE_STATES).meta({
      description: 'scheduled: begins later; active; ended: at `expiresAt`; released: ended by somebody before',
      examples: ['active'],
    }),
    levelPercent,
    fadeS,
    priority,
    startsAt: instantField('When it begins'),
    expiresAt: instantField('When it ends', '2026-11-24T23:00:00.000Z'),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Why', examples: ['Football match'] }),
    createdAt: instantField('When it was asked for'),
    createdBy: z
      .string()
      .nullable()
      .meta({ description: 'By whom: user name, and the API key where one was used', examples: ['maria.ionescu'] }),
    releasedAt: instantField('When it was released').nullable(),
    releasedBy: z.string().nullable().meta({ description: 'By whom: user name, and the API key where one was used' }),
    progress: commandCounts.meta({ description: 'The last command of this override to each lamp, by its state' }),
    batches: z.array(z.string()).meta({
      description: 'Ids of its batches of commands, the latest first, 20 at the most',
      examples: [['0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11']],
    }),
    events: z
      .string()
      .nullable()
      .meta({
        description: 'Path of the progress of the latest batch as server-sent events; null while nothing was commanded',
        examples: ['/api/v1/sites/BT/command-batches/0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11/events'],
      }),
  })
  .meta({ id: 'Override', description: 'A level that goes before the calendar for a time' });

export const overridePage = pageOf('OverridePage', overrideView);

export const overrideQuery = z.strictObject({
  cursor: numberCursor,
  limit: queryInteger(1, 100, 'Items on a page', 20),
  active: queryFlag('true: only those that hold now; false: only those that do not').optional(),
});
