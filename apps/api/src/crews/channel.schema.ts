import { ALERT_EVENTS, REPLAY_WINDOW_MS, SEVERITIES } from '#libs/alerts';
import { z } from 'zod';
import { addressField, instantField, versionField } from '../http/fields.schema.js';

const TIME_RULE = 'must be a time of day as HH:MM';
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const MAX_AREA = 1000;
const MAX_ESCALATION_MIN = 7 * 1440;

const timeField = (description: string, example: string) =>
  z
    .string()
    .regex(TIME, TIME_RULE)
    .meta({ description, examples: [example] });

const hours = z
  .array(
    z
      .strictObject({
        weekdays: z
          .array(z.int('must be 1 (Monday) to 7 (Sunday)').min(1).max(7))
          .min(1, 'must name at least one day')
          .max(7)
          .refine((days) => new Set(days).size === days.length, 'must not name a day twice')
          .meta({ description: 'Days on which they begin, Monday 1 to Sunday 7', examples: [[1, 2, 3, 4, 5]] }),
        from: timeField('Local time at which they begin', '07:00'),
        to: z
          .string()
          .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, `${TIME_RULE}, or 24:00`)
          .meta({
            description: 'Local time at which they end; not after `from`: on the next day',
            examples: ['16:00'],
          }),
      })
      .meta({ id: 'ChannelHours', description: 'Hours in the site’s own time zone' }),
  )
  .max(20, 'must be 20 at the most')
  .meta({
    description:
      'When minor faults and warnings may come; none: always. Outside, they are collected until `digestAt`, or until the hours ' +
      'begin. Critical and major faults come at once, always',
    examples: [[{ weekdays: [1, 2, 3, 4, 5], from: '07:00', to: '16:00' }]],
  });

const addresses = (what: string, example: string) =>
  z
    .array(addressField(`Address of a ${what}`, example))
    .max(MAX_AREA, `must be ${MAX_AREA} at the most`)
    .refine((list) => new Set(list).size === list.length, `must not name a ${what} twice`)
    .default([])
    .meta({ description: `Faults of lamps of these ${what}s`, examples: [[example]] });

const area = z
  .discriminatedUnion(
    'kind',
    [
      z
        .strictObject({ kind: z.literal('site').meta({ examples: ['site'] }) })
        .meta({ description: 'Every fault of the site' }),
      z
        .strictObject({
          kind: z.literal('listed').meta({ examples: ['listed'] }),
          groups: addresses('group', 'CENTRE'),
          cabinets: addresses('cabinet', 'CAB-01'),
        })
        .refine(({ groups, cabinets }) => groups.length + cabinets.length > 0, 'must name a group or a cabinet')
        .meta({ description: 'Faults in these groups and cabinets, and those of the whole site' }),
    ],
    'must have a kind: site, or listed (with groups and cabinets)',
  )
  .meta({ id: 'ChannelArea', description: 'Which faults it is about', examples: [{ kind: 'site' }] });

const minutes = z
  .int('must be a whole number of minutes')
  .min(1, 'must be 1 or more')
  .max(MAX_ESCALATION_MIN, `must be ${MAX_ESCALATION_MIN} or less`);

const fields = {
  target: z
    .string()
    .min(3, 'must not be empty')
    .max(1000, 'must be 1000 characters at the most')
    .meta({
      description:
        'Email address, or URL of the webhook: https or http, in the public internet, or where FELINAR_WEBHOOK_ALLOW_PRIVATE lets it lead',
      examples: ['nord@botosani.example'],
    }),
  minimumSeverity: z
    .enum(SEVERITIES, `must be one of ${SEVERITIES.join(', ')}`)
    .meta({ description: 'Faults of this severity and above', examples: ['minor'] }),
  events: z
    .array(z.enum(ALERT_EVENTS, `must be one of ${ALERT_EVENTS.join(', ')}`))
    .max(ALERT_EVENTS.length)
    .refine((events) => new Set(events).size === events.length, 'must not name an event twice')
    .meta({
      description: 'What is told of them; may be empty where `escalationAfterMin` is given: then escalations only',
      examples: [['opened', 'reopened', 'cleared']],
    }),
  area,
  hours,
  digestAt: timeField(
    'Local time at which minor faults and warnings come together; null: each when it happens',
    '07:00',
  ).nullable(),
  escalationAfterMin: z
    .strictObject({ critical: minutes, major: minutes, minor: minutes, warning: minutes })
    .partial()
    .refine((steps) => Object.keys(steps).length > 0, 'must name a severity, or be null')
    .nullable()
    .meta({
      description:
        'Faults that stand open and unacknowledged for so many minutes come here, once each time they open; by severity. Several ' +
        'channels with different times are the steps of an escalation. null: none come',
      examples: [{ critical: 15, major: 60 }],
    }),
};

const kind = z
  .enum(['email', 'webhook'], 'must be email or webhook')
  .meta({ description: 'Cannot be changed', examples: ['email'] });

export const createChannel = z
  .strictObject({
    kind,
    ...fields,
    minimumSeverity: fields.minimumSeverity.default('warning'),
    events: fields.events.default(['opened', 'reopened', 'cleared']),
    area: fields.area.default({ kind: 'site' }),
    hours: fields.hours.default([]),
    digestAt: fields.digestAt.default(null),
    escalationAfterMin: fields.escalationAfterMin.default(null),
  })
  .meta({
    id: 'CreateChannel',
    description: 'A way to a crew',
    examples: [{ kind: 'email', target: 'nord@botosani.example', digestAt: '07:00' }],
  });

export const updateChannel = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'UpdateChannel', description: 'What is given is changed', examples: [{ minimumSeverity: 'major' }] });

const view = {
  id: z.string().meta({ format: 'uuid', examples: ['5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'] }),
  kind,
  ...fields,
  createdAt: instantField('When it was created'),
  updatedAt: instantField('When it was changed last'),
  version: versionField,
};

export const channelView = z.strictObject(view).meta({ id: 'Channel', description: 'A way to a crew' });

export const channelList = z
  .strictObject({ items: z.array(channelView) })
  .meta({ id: 'ChannelList', description: 'Every channel of a crew, the oldest first' });

export const channelWithSecret = z
  .strictObject({
    ...view,
    secret: z
      .string()
      .nullable()
      .meta({
        description:
          'Signs the webhooks: `felinar-signature` is `v1=` and HMAC-SHA-256 of `<felinar-timestamp>.<body>` in hex. Refuse timestamps ' +
          `more than ${REPLAY_WINDOW_MS / 60_000} minutes away from your clock. Shown this once: keep it. null for email`,
        examples: ['whsec_vW6bOa0YxJ0n1S3m0b8v1hQw5d7VtXb0T5c2L9k4x8E'],
      }),
  })
  .meta({ id: 'ChannelWithSecret', description: 'A way to a crew, with the secret that is shown once' });
