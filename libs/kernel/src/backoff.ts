/**
 * How long to wait before the next try, ms: 100 ms doubled with each failed one, at most 10 s, of which a random half
 * ("equal jitter") keeps many clients from coming back at the same instant. `attempt` counts from 1, `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(10_000, 100 * 2 ** Math.min(attempt - 1, 20));
  return ceiling / 2 + (ceiling / 2) * random;
}
