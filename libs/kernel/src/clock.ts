/** Where "now" comes from. Rules never read it: they take an instant as an argument; only the edges hold a clock. */
export interface Clock {
  /** The current instant, milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
  /** How many clock seconds pass per second of wall time: 1 except in a simulated, faster city. */
  readonly speed: number;
}

/** The clock of the machine. */
export const systemClock: Clock = { nowMs: () => Date.now(), speed: 1 };

/**
 * A clock that starts at `startMs` and runs `speed` times as fast as the machine's: a night in minutes.
 * It never goes back: a step of the machine's clock does not reach it (it counts on the monotonic timer).
 */
export function scaledClock(startMs: number, speed: number): Clock {
  if (!Number.isFinite(speed) || speed <= 0) throw new RangeError(`speed must be a positive number, not ${speed}`);
  const origin = performance.now();
  return { nowMs: () => Math.round(startMs + (performance.now() - origin) * speed), speed };
}
