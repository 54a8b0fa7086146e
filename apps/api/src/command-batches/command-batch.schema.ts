import { COMMAND_STATES } from '#libs/commands';
import { z } from 'zod';
import { limitField, numberCursor, pageOf, textCursor } from '../http/cursor.js';
import { addressField, instantField, queryInteger } from '../http/fields.schema.js';
import { commandCounts } from '../overrides/override.schema.js';

const BATCH_EXAMPLE = '0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11';
const orNull = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

export const commandBatchView = z
  .strictObject({
    id: z.string().meta({ format: 'uuid', examples: [BATCH_EXAMPLE] }),
    kind: z.enum(['override', 'release', 'reapply', 'serverDriven']).meta({
      description:
        'override: it began; release: it ended before its time, or lamps left its group; reapply: lamps that joined later, lost it or ' +
        'came back to it; serverDriven: the calendar of devices that cannot store programs',
      examples: ['override'],
    }),
    override: orNull('Id of the override that it belongs to', '5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'),
    lamps: z.int().meta({ description: 'Lamps that are told', examples: [310] }),
    counts: commandCounts,
    createdAt: instantField('When the commands were made'),
    createdBy: orNull('Who asked for it, as the client said; null when the clock did', 'Maria Ionescu'),
    cancelledAt: instantField('When it was cancelled').nullable(),
    cancelledBy: orNull('By whom, as the client said', 'Maria Ionescu'),
    finishedAt: instantField('When the last of its commands ended; null while one is open').nullable(),
    events: z.string().meta({
      description: 'Path of its progress as server-sent events',
      examples: [`/api/v1/sites/BT/command-batches/${BATCH_EXAMPLE}/events`],
    }),
  })
  .meta({ id: 'CommandBatch', description: 'What was commanded to many lamps at once' });

export const commandBatchPage = pageOf('CommandBatchPage', commandBatchView);

export const commandBatchQuery = z.strictObject({
  cursor: textCursor,
  limit: queryInteger(1, 100, 'Items on a page', 20),
});

const lampCommandView = z
  .strictObject({
    lamp: addressField('Address of the lamp', 'BT-0001'),
    device: addressField('Device that is told', 'GW-01'),
    deviceOnline: z
      .boolean()
      .nullable()
      .meta({
        description: 'What the device said of itself last. While it is away, nothing is sent and no try is used up',
        examples: [true],
      }),
    levelPercent: z
      .number()
      .nullable()
      .meta({ description: 'Light level, percent; null: back to the calendar', examples: [60] }),
    fadeS: z.number().meta({ description: 'How long the lamp takes to get there, s', examples: [10] }),
    expiresAt: instantField('When the lamp goes back to its calendar by itself'),
    state: z.enum(COMMAND_STATES).meta({ examples: ['confirmed'] }),
    attempts: z.int().meta({ description: 'How often it was sent', examples: [1] }),
    sentAt: instantField('When it was sent last').nullable(),
    acknowledgedAt: instantField('When the device said that it obeys').nullable(),
    finishedAt: instantField('When it ended').nullable(),
    problem: z
      .string()
      .nullable()
      .meta({
        description: 'Why it ended without the lamp showing the level, and what to look at',
        examples: ['sent 5 times, and the device does not answer: look at its link'],
      }),
  })
  .meta({ id: 'LampCommand', description: 'What one lamp was told, and what came of it' });

export const lampCommandPage = pageOf('LampCommandPage', lampCommandView);

export const lampCommandQuery = z.strictObject({
  cursor: numberCursor,
  limit: limitField,
  state: z
    .enum(COMMAND_STATES, `must be one of ${COMMAND_STATES.join(', ')}`)
    .optional()
    .meta({ description: 'Lamps in this state only', examples: ['failed'] }),
});

/** What an event `progress` or `finished` carries; for the documentation, where streams have no schema. */
export const EVENTS_EXAMPLE = [
  'event: progress',
  `data: {"batch":"${BATCH_EXAMPLE}","lamps":310,"counts":{"queued":0,"sent":12,"acknowledged":90,"confirmed":208,"failed":0,"expired":0,"cancelled":0},"finishedAt":null}`,
  '',
  ': heartbeat',
  '',
  'id: finished',
  'event: finished',
  `data: {"batch":"${BATCH_EXAMPLE}","lamps":310,"counts":{"queued":0,"sent":0,"acknowledged":0,"confirmed":309,"failed":1,"expired":0,"cancelled":0},"finishedAt":"2026-11-24T20:04:11.000Z"}`,
  '',
  '',
].join('\n');
