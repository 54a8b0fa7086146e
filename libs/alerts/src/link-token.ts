import { err, ok, type Result } from '#libs/kernel';
import { isSame, mac } from './signature.js';

/** Links in messages are good for so long after the message was sent, ms. */
export const LINK_LIFE_MS = 7 * 86_400_000;

/** What a link lets its holder do: acknowledge one fault, as the one to whom the delivery went. */
export interface LinkClaim {
  readonly deliveryId: string;
  readonly faultId: string;
  readonly expiresAtMs: number;
}

export type LinkProblem = 'malformed' | 'expired';

const CLAIM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,19})\.(\d{1,11})$/;
const PURPOSE = 'felinar acknowledge link v1';

/** The last part of the link's URL. */
export function signLink(secret: string, { deliveryId, faultId, expiresAtMs }: LinkClaim): string {
  const claim = `${deliveryId}.${faultId}.${Math.floor(expiresAtMs / 1000)}`;
  return `${Buffer.from(claim).toString('base64url')}.${signatureOf(secret, claim).toString('base64url')}`;
}

/** What a token allows; nothing is said of whether it has been used. */
export function readLink(secret: string, token: string, nowMs: number): Result<LinkClaim, LinkProblem> {
  const [encoded = '', signature = '', ...rest] = token.slice(0, 400).split('.');
  const claim = Buffer.from(encoded, 'base64url').toString('latin1');
  const parts = CLAIM.exec(claim);
  // One way to write a token, and no other: bits that base64 leaves over must not make a second one.
  const isPlain = rest.length === 0 && Buffer.from(claim, 'latin1').toString('base64url') === encoded;
  if (parts === null || !isPlain) return err('malformed');
  const expected = signatureOf(secret, claim).toString('base64url');
  if (!isSame(Buffer.from(signature), Buffer.from(expected))) return err('malformed');
  const [, deliveryId = '', faultId = '', expiresAtS = ''] = parts;
  const expiresAtMs = Number(expiresAtS) * 1000;
  return nowMs < expiresAtMs ? ok({ deliveryId, faultId, expiresAtMs }) : err('expired');
}

function signatureOf(secret: string, claim: string): Buffer {
  return mac(secret, `${PURPOSE}\n${claim}`);
}
