import { MAX_KEY_DAYS } from '#libs/identity';
import { z } from 'zod';
import { limitField, pageOf, patternCursor } from '../http/cursor.js';
import { instantField, textField } from '../http/fields.schema.js';
import { grantsInput, grantView } from './grant.schema.js';

const name = textField(60, 'What it is for', 'Grafana');

export const createApiKey = z
  .strictObject({
    name,
    grants: grantsInput.min(1, 'must name at least one: a key without a role can do nothing'),
    expiresInDays: z
      .int('must be a whole number')
      .min(1, 'must be 1 or more')
      .max(MAX_KEY_DAYS, `must be ${MAX_KEY_DAYS} or less: make a new key then`)
      .default(90)
      .meta({ description: 'How long it holds', examples: [90] }),
  })
  .meta({
    id: 'CreateApiKey',
    description: 'A key for a program',
    examples: [{ name: 'Grafana', grants: [{ role: 'viewer', site: 'BT' }], expiresInDays: 365 }],
  });

const view = {
  id: z.string().meta({ format: 'uuid', examples: ['5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'] }),
  name,
  username: z.string().meta({ description: 'Whose it is', examples: ['maria.ionescu'] }),
  hint: z.string().meta({ description: 'The first letters of the key', examples: ['felk_Yl7m'] }),
  grants: z.array(grantView).meta({ description: 'What it is for; it may do what its owner may as well' }),
  createdAt: instantField('When it was made'),
  expiresAt: instantField('When it ends'),
  lastUsedAt: instantField('When it was used last, to the minute; null: never').nullable(),
  revokedAt: instantField('When it was revoked; null: it was not').nullable(),
};

export const apiKeyView = z
  .strictObject(view)
  .meta({ id: 'ApiKey', description: 'A key for a program, without the key' });

export const apiKeyWithKey = z
  .strictObject({
    ...view,
    key: z.string().meta({
      description: 'Shown this once. For the header X-API-Key, or Authorization: Bearer …',
      examples: ['felk_Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'],
    }),
  })
  .meta({ id: 'ApiKeyWithKey', description: 'A key for a program, with the key, which is shown once' });

export const apiKeyPage = pageOf('ApiKeyPage', apiKeyView);

export const apiKeyQuery = z.strictObject({
  cursor: patternCursor(/^\d{1,17} [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  limit: limitField,
});
