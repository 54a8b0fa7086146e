/** How long a delivery is tried, from when it was first due, ms. */
export const TRY_FOR_MS = 48 * 3_600_000;
const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** What a try came to. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** It may work later. */
  | { readonly kind: 'delayed'; readonly problem: string }
  /** It will not work the way it is. */
  | { readonly kind: 'refused'; readonly problem: string };

/** What becomes of a delivery after a try that did not succeed. */
export type NextStep = { readonly kind: 'retry'; readonly dueMs: number } | { readonly kind: 'dead' };

/**
 * After the n-th try (from 1): 1, 2, 4, … minutes, an hour at the most, of which a random quarter is left out so that many do not come
 * back at one instant. The last try is at `giveUpAtMs`. `random` is in [0, 1).
 */
export function nextTry(attempt: number, nowMs: number, giveUpAtMs: number, random: number): NextStep {
  if (nowMs >= giveUpAtMs) return { kind: 'dead' };
  const ceilingMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  const waitMs = Math.round(ceilingMs * (0.75 + 0.25 * random));
  return { kind: 'retry', dueMs: Math.min(nowMs + waitMs, giveUpAtMs) };
}
