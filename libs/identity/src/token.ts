import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What each kind of token begins with: people and secret scanners see what they have found. */
export const TOKEN_PREFIXES = {
  ...{ access: 'fela_', refresh: 'felr_', key: 'felk_', confirmation: 'felc_' },
  /** What a sign-in through a provider ends with, to be changed into tokens once. */
  code: 'felo_',
} as const;
export type TokenKind = keyof typeof TOKEN_PREFIXES;

const TOKEN_BYTES = 32;
const TOKEN = /^fel[arkco]_[A-Za-z0-9_-]{43}$/;

/** An access token holds so long, ms. */
export const ACCESS_LIFE_MS = 15 * 60_000;
/** A session that is not refreshed for so long has ended, ms. */
export const REFRESH_LIFE_MS = 7 * 86_400_000;
/** A session ends after this, however often it is refreshed, ms. */
export const SESSION_LIFE_MS = 30 * 86_400_000;
/** An API key holds so long at the most, days. */
export const MAX_KEY_DAYS = 366;

/** 256 random bits: nobody guesses them, so a fast hash is enough to keep them. */
export function newToken(kind: TokenKind): string {
  return TOKEN_PREFIXES[kind] + randomBytes(TOKEN_BYTES).toString('base64url');
}

/** The kind of a token, by its form; undefined for anything else. */
export function tokenKind(text: string): TokenKind | undefined {
  if (!TOKEN.test(text)) return undefined;
  return (Object.keys(TOKEN_PREFIXES) as TokenKind[]).find((kind) => text.startsWith(TOKEN_PREFIXES[kind]));
}

/** What is stored of a token: SHA-256, 32 bytes. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** How a key is recognised in a list. */
export function tokenHint(token: string): string {
  return token.slice(0, 9);
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function isSameSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
