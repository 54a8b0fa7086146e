/**
 * Signatures of webhooks. The receiver computes HMAC-SHA-256 of `<timestamp>.<body>` with the channel's secret, compares, and refuses
 * timestamps more than five minutes away from its own clock: a recorded request cannot be replayed later. Within these five minutes
 * the header `felinar-delivery` tells repeats apart.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '#libs/kernel';

export const REPLAY_WINDOW_MS = 5 * 60_000;
const VERSION = 'v1';

/** The value of the header `felinar-signature`. `timestampS`: seconds since 1970, as in `felinar-timestamp`. */
export function signWebhook(secret: string, timestampS: number, body: string): string {
  return `${VERSION}=${mac(secret, `${timestampS}.${body}`).toString('hex')}`;
}

export interface SignedRequest {
  /** The body as it came, before it is parsed. */
  readonly body: string;
  /** The header `felinar-timestamp`. */
  readonly timestamp: string | undefined;
  /** The header `felinar-signature`; may hold several, with commas between them. */
  readonly signature: string | undefined;
}

export type SignatureProblem = 'malformed' | 'outsideReplayWindow' | 'wrongSignature';

/** Whether a request comes from Felinar, and is not a repetition of an old one. */
export function verifySignature(secret: string, request: SignedRequest, nowMs: number): Result<true, SignatureProblem> {
  const { body, timestamp = '', signature = '' } = request;
  if (!/^\d{1,12}$/.test(timestamp) || signature === '') return err('malformed');
  if (Math.abs(nowMs - Number(timestamp) * 1000) > REPLAY_WINDOW_MS) return err('outsideReplayWindow');
  const expected = Buffer.from(signWebhook(secret, Number(timestamp), body));
  const isRight = signature.split(',').some((given) => isSame(Buffer.from(given.trim()), expected));
  return isRight ? ok(true) : err('wrongSignature');
}

/** HMAC-SHA-256. */
export function mac(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

/** In a time that says nothing of where they differ. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
