import { z } from 'zod';
import { pageOf } from '../http/cursor.js';
import { instantField, textField, versionField } from '../http/fields.schema.js';
import { grantsInput, grantView } from './grant.schema.js';

const USERNAME_RULE = 'must be 1 to 64 small letters, digits and . _ @ - and begin with a letter or a digit';
const username = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, USERNAME_RULE)
  .meta({
    description: 'For signing in; stands in histories as who did it. Cannot be changed',
    examples: ['maria.ionescu'],
  });
const name = textField(200, 'Name for people', 'Maria Ionescu');

export const createUser = z
  .strictObject({ username, name, grants: grantsInput.default([]) })
  .meta({ id: 'CreateUser', description: 'A new user' });

export const updateUser = z
  .strictObject({
    name,
    disabled: z
      .boolean('must be true or false')
      .meta({ description: 'true: cannot sign in any more, and is signed out; keys do not work', examples: [true] }),
    grants: grantsInput,
    providerSubject: z
      .string()
      .min(1, 'must not be empty')
      .max(255, 'must be 255 characters at the most')
      .nullable()
      .meta({
        description:
          'Subject (sub) of the account at the provider by which the user signs in from now on, instead of a password; null: with a password again',
        examples: ['5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'],
      }),
  })
  .partial()
  .meta({ id: 'UpdateUser', description: 'What is given is changed', examples: [{ disabled: true }] });

export const userView = z
  .strictObject({
    username,
    name,
    grants: z.array(grantView),
    provider: z
      .strictObject({
        issuer: z.string().meta({ examples: ['https://login.example.org/realms/city'] }),
        subject: z.string().meta({ examples: ['5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77'] }),
      })
      .nullable()
      .meta({ description: 'The account by which the user signs in; null: a password' }),
    disabledAt: instantField('Since when the user cannot sign in; null: can').nullable(),
    passwordIsTemporary: z.boolean().meta({ description: 'true: has not chosen one yet', examples: [false] }),
    passwordChangedAt: instantField('When the password was made that holds now'),
    seenAt: instantField('When a session was begun or refreshed last; null: never').nullable(),
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'User', description: 'Somebody who can sign in' });

export const userPage = pageOf('UserPage', userView);

export const userWithPassword = userView
  .extend({
    temporaryPassword: z.string().meta({
      description: 'Shown this once: hand it on. Nothing works with it but choosing another',
      examples: ['kq7xm-2fhwp-9dctn-bv4se-r8jya'],
    }),
  })
  .meta({ id: 'UserWithPassword', description: 'A user, with the password that is shown once' });
