import { ALERT_EVENTS, DELIVERY_STATES } from '#libs/alerts';
import { z } from 'zod';
import { limitField, numberCursor, pageOf } from '../http/cursor.js';
import { addressField, instantField } from '../http/fields.schema.js';

export const deliveryQuery = z.strictObject({
  cursor: numberCursor,
  limit: limitField,
  state: z
    .enum(DELIVERY_STATES, `must be one of ${DELIVERY_STATES.join(', ')}`)
    .optional()
    .meta({ description: 'Those in this state only', jsonSchema: { type: 'string', enum: [...DELIVERY_STATES] } }),
  fault: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the number of a fault')
    .transform(Number)
    .optional()
    .meta({ description: 'Those on this fault only', jsonSchema: { type: 'integer', example: 17 } }),
});

const uuid = (description: string) =>
  z.string().meta({ format: 'uuid', description, examples: ['5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'] });

export const deliveryView = z
  .strictObject({
    id: uuid(
      'Also in the headers of the message: `felinar-delivery` of webhooks, Message-ID of emails; the same for every try',
    ),
    kind: z
      .enum(['alert', 'digest', 'test'])
      .meta({ description: 'digest: one message of several alerts', examples: ['alert'] }),
    state: z.enum(DELIVERY_STATES).meta({
      description:
        'waiting: for the digest of its channel; collected: told in a digest; pending: to be sent; delivered; dead: refused for good, or ' +
        'tried for 48 hours',
      examples: ['delivered'],
    }),
    crew: addressField('Address of the crew', 'NORTH'),
    channel: z
      .strictObject({
        id: uuid('Id of the channel'),
        kind: z.enum(['email', 'webhook']).meta({ examples: ['email'] }),
        target: z.string().meta({ examples: ['nord@botosani.example'] }),
      })
      .meta({ description: 'Through which it goes' }),
    event: z
      .enum(ALERT_EVENTS)
      .nullable()
      .meta({ description: 'What is told; null for digests and tests', examples: ['opened'] }),
    fault: z
      .int()
      .nullable()
      .meta({ description: 'Of which fault; null for digests and tests', examples: [17] }),
    digest: uuid('Id of the digest that holds it; null when none does').nullable(),
    createdAt: instantField('When it was decided that it goes there'),
    dueAt: instantField(
      'When it is tried next; while it is being tried: when it would be again, should the sender die',
    ).nullable(),
    attempts: z.int().meta({ description: 'Tries so far', examples: [1] }),
    finishedAt: instantField('When it was delivered, collected, or given up').nullable(),
    problem: z
      .string()
      .nullable()
      .meta({ description: 'Why the last try did not succeed', examples: ['SMTP: connect ECONNREFUSED 10.0.0.7:25'] }),
  })
  .meta({ id: 'Delivery', description: 'One message through one channel, or one line of a digest' });

export const deliveryPage = pageOf('DeliveryPage', deliveryView);
