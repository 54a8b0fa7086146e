import { AUDITED_TABLES } from '#libs/storage';
import { z } from 'zod';
import { limitField, numberCursor, pageOf } from '../http/cursor.js';
import { addressField, instantField, textField } from '../http/fields.schema.js';
import { momentField } from '../http/time-range.js';

const ENTITIES = Object.keys(AUDITED_TABLES);
const ACTIONS = ['created', 'changed', 'deleted'] as const;

const filters = {
  site: addressField('Changes in this site; without it, of all sites and of what belongs to none', 'BT').optional(),
  entity: z
    .enum(ENTITIES, `must be one of ${ENTITIES.join(', ')}`)
    .optional()
    .meta({ description: 'Changes of this kind of thing', examples: ['control_program'] }),
  name: textField(200, 'Changes of what has this address, code or user name', 'EVENING').optional(),
  actor: textField(100, 'Changes by this user; system: by no user', 'maria.ionescu').optional(),
  correlationId: textField(128, 'Changes by one request', '0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11').optional(),
  from: momentField('From this day (UTC) or instant on', '2026-11-01').optional(),
  to: momentField('Before this day (UTC) or instant', '2026-12-01').optional(),
};

export const auditQuery = z.strictObject({
  ...filters,
  cursor: numberCursor,
  limit: limitField,
  format: z
    .enum(['json', 'csv'], 'must be json or csv')
    .default('json')
    .meta({ description: 'csv: all that is meant, in a file, whatever limit and cursor say', examples: ['csv'] }),
});
export type AuditQuery = z.infer<typeof auditQuery>;

const row = z.record(z.string(), z.unknown()).nullable();

export const auditEntry = z
  .strictObject({
    id: z.int().meta({ examples: [4711] }),
    at: instantField('When, on the clock of the database'),
    actor: z.string().meta({
      description:
        'User name. system: Felinar itself; link: whoever used the link in a message; provider: what the provider said at a sign-in; nobody: nobody had signed in',
      examples: ['maria.ionescu'],
    }),
    via: z
      .enum(['session', 'key', 'link', 'console', 'provider'])
      .nullable()
      .meta({ description: 'How the actor came', examples: ['session'] }),
    viaId: z.string().nullable().meta({ description: 'Id of the session or API key' }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'Where the request came from', examples: ['192.0.2.7'] }),
    correlationId: z
      .string()
      .nullable()
      .meta({
        description: 'Of the request; in the log of the server too',
        examples: ['0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11'],
      }),
    entity: z.string().meta({ description: 'What kind of thing', examples: ['control_program'] }),
    entityId: z.string().meta({ description: 'Its key in the database', examples: ['3'] }),
    name: z.string().meta({ description: 'Its address, code or user name', examples: ['EVENING'] }),
    site: z
      .string()
      .nullable()
      .meta({ description: 'Null: it belongs to no site', examples: ['BT'] }),
    action: z.enum(ACTIONS).meta({ examples: ['changed'] }),
    before: row.meta({
      description: 'Of a change: the columns that differ, as they were; of a deletion: all. Secrets are struck out',
      examples: [{ name: 'Evening' }],
    }),
    after: row.meta({ description: 'The same, as they are since', examples: [{ name: 'Evening, dimmed' }] }),
  })
  .meta({ id: 'AuditEntry', description: 'One change of one thing' });

export const auditPage = pageOf('AuditPage', auditEntry);
