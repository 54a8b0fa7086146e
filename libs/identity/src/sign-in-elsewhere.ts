import { createHash, createHmac } from 'node:crypto';
import { isSameSecret } from './token.js';

/** What a browser may be sent back to after signing in: a path here, whatever a browser makes of it. */
export function isLocalPath(text: string): boolean {
  return /^\/(?![/\\])[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,500}$/.test(text);
}

/** A secret of its own for each purpose, of one that only a browser has: nothing of it has to be kept. */
export function derivedSecret(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(purpose).digest('base64url');
}

/** Whether `verifier` is what `challenge` was made of (RFC 7636, S256). */
export function meetsChallenge(verifier: string, challenge: string): boolean {
  const made = createHash('sha256').update(verifier).digest();
  return isSameSecret(made, Buffer.from(challenge, 'base64url'));
}
