import { randomBytes } from 'node:crypto';
import { derivedSecret } from '#libs/identity';
import { ATTEMPT_LIFE_MS } from '#libs/storage';
import type { Request, Response } from 'express';
import type { Proofs } from './oidc-provider.service.js';
import { OIDC_PATH } from './oidc-settings.js';

const COOKIE = 'felinar_oidc';

/** The secret by which a browser is known that began a sign-in; undefined: it began none, or keeps no cookies. */
export function browserSecret(request: Request): string | undefined {
  return /(?:^|;\s*)felinar_oidc=([A-Za-z0-9_-]{43})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
}

/** The one that the browser has, so that sign-ins in two tabs do not end each other, or a new one. */
export function rememberBrowser(request: Request, response: Response, publicUrl: string): string {
  const secret = browserSecret(request) ?? randomBytes(32).toString('base64url');
  const { protocol, pathname } = new URL(publicUrl);
  response.cookie(COOKIE, secret, {
    httpOnly: true,
    // Lax: the provider's redirect brings it, and no form or picture of another site.
    sameSite: 'lax',
    secure: protocol === 'https:',
    path: pathname.replace(/\/$/, '') + OIDC_PATH,
    maxAge: ATTEMPT_LIFE_MS,
  });
  return secret;
}

/** What the provider gets to see, made of what only this browser has: it is kept nowhere else. */
export function proofsOf(browser: string, state: string): Proofs {
  return {
    state,
    nonce: derivedSecret(browser, `nonce ${state}`),
    codeVerifier: derivedSecret(browser, `verifier ${state}`),
  };
}
