import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '#libs/identity';
import { z } from 'zod';
import { instantField } from '../http/fields.schema.js';
import { grantView, usernameInput } from './grant.schema.js';

const password = (description: string) =>
  z
    .string('must be a text')
    .min(1, 'must not be empty')
    .max(PASSWORD_MAX_LENGTH, `must be ${PASSWORD_MAX_LENGTH} characters at the most`)
    .meta({ description, format: 'password', examples: ['a quiet street at night'] });

export const signIn = z
  .strictObject({ username: usernameInput, password: password('Password') })
  .meta({ id: 'SignIn', description: 'Who you are' });

export const refresh = z
  .strictObject({
    refreshToken: z
      .string()
      .max(200)
      .meta({
        description: 'Of the last answer; works once',
        examples: ['felr_Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'],
      }),
  })
  .meta({ id: 'RefreshSession', description: 'The refresh token' });

export const sessionTokens = z
  .strictObject({
    accessToken: z.string().meta({
      description: 'For the header Authorization: Bearer …',
      examples: ['fela_Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'],
    }),
    accessExpiresAt: instantField('Refresh before this'),
    refreshToken: z.string().meta({
      description: 'For POST /sessions/refresh, once. Used a second time it ends the session',
      examples: ['felr_Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'],
    }),
    refreshExpiresAt: instantField('Sign in again after this'),
  })
  .meta({ id: 'SessionTokens', description: 'What shows who you are' });

export const signedIn = sessionTokens
  .extend({
    passwordIsTemporary: z.boolean().meta({
      description: 'true: nothing works before you have chosen your own (PUT /me/password)',
      examples: [false],
    }),
  })
  .meta({ id: 'SignedIn', description: 'What shows who you are' });

export const meView = z
  .strictObject({
    username: z.string().meta({ examples: ['maria.ionescu'] }),
    name: z.string().meta({ examples: ['Maria Ionescu'] }),
    by: z.enum(['session', 'key']).meta({ description: 'How you came', examples: ['session'] }),
    key: z
      .string()
      .nullable()
      .meta({ description: 'Name of the API key, where one was used', examples: [null] }),
    passwordIsTemporary: z.boolean().meta({ examples: [false] }),
    grants: z.array(grantView).meta({ description: 'Your roles' }),
    keyGrants: z
      .array(grantView)
      .nullable()
      .meta({ description: 'What the key is for; it may do what both allow', examples: [null] }),
    sites: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Sites that you have to do with; null: all', examples: [['BT']] }),
  })
  .meta({ id: 'Me', description: 'Who you are and what you may do' });

export const changePassword = z
  .strictObject({
    currentPassword: password('The one that holds now'),
    newPassword: password(`${PASSWORD_MIN_LENGTH} characters or more; a sentence is good`),
  })
  .meta({ id: 'ChangePassword', description: 'Another password' });
