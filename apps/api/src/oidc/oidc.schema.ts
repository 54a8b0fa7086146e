import { isLocalPath } from '#libs/identity';
import { z } from 'zod';

export const oidcView = z
  .strictObject({
    label: z.string().meta({ description: 'For a button, after “Sign in with”', examples: ['your city account'] }),
    start: z.string().meta({
      description: 'Where to send a browser, with codeChallenge',
      examples: ['https://felinar.example.org/api/v1/sessions/oidc/start'],
    }),
    passwords: z
      .enum(['everybody', 'administrators'])
      .meta({ description: 'Who may sign in with a password too', examples: ['everybody'] }),
  })
  .meta({ id: 'SignInProvider', description: 'The provider by which people sign in' });

export const startQuery = z.strictObject({
  codeChallenge: z
    .string('must be given: BASE64URL(SHA256(a secret of yours)), which POST /sessions/oidc/tokens asks for')
    .regex(/^[A-Za-z0-9_-]{43}$/, 'must be 43 letters, digits, _ or -: BASE64URL(SHA256(a secret of yours))')
    .meta({
      description: 'BASE64URL(SHA256(codeVerifier)), as in RFC 7636: only who knows the verifier gets the tokens',
      examples: ['E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
    }),
  returnTo: z
    .string()
    .refine(isLocalPath, 'must be a path here, such as /docs, without a fragment')
    .optional()
    .meta({
      description: 'Path to return to, with #felinarCode=… behind it; without it, a page shows the code',
      examples: ['/docs'],
    }),
});

/** What providers append differs. */
export const callbackQuery = z.looseObject({
  state: z
    .string('must be given once')
    .max(200)
    .meta({ description: 'As it was sent to the provider', examples: ['Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'] }),
});

export const redeemCode = z
  .strictObject({
    code: z
      .string()
      .max(200)
      .meta({
        description: 'Of the page or the fragment',
        examples: ['felo_Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A'],
      }),
    codeVerifier: z
      .string()
      .regex(/^[A-Za-z0-9._~-]{43,128}$/, 'must be 43 to 128 letters, digits and . _ ~ -')
      .meta({
        description: 'What codeChallenge was made of',
        examples: ['dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'],
      }),
  })
  .meta({ id: 'RedeemCode', description: 'The code of a sign-in, and the secret of who began it' });

export const signedOut = z
  .strictObject({
    providerSignOut: z
      .string()
      .nullable()
      .meta({
        description: 'Where the browser signs out at the provider too; null: the provider has no such page',
        examples: ['https://login.example.org/realms/city/protocol/openid-connect/logout?client_id=felinar'],
      }),
  })
  .meta({ id: 'SignedOut', description: 'The session has ended' });
