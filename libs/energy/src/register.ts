/**
 * Energy from the register that a controller reports. The rules here are the reference; libs/storage has the same in SQL, and a
 * property test compares the two. Why registers, and why these rules: docs/adr/0003-energy-from-registers.md.
 */

/** A register reading: when, and what the register said. */
export interface RegisterReading {
  /** ms since the epoch. */
  readonly timeMs: number;
  readonly activeEnergyWh: number;
}

export type RegisterStep = 'normal' | 'reset' | 'implausible';

/** What a coarse meter may jump by in no time at all: some count whole kilowatt-hours. */
export const RESOLUTION_SLACK_WH = 1000;
/** Less is no energy but the dust of somebody's floating point, which makes databases underflow. */
const SMALLEST_DELTA_WH = 1e-9;
const HOUR_MS = 3_600_000;

/**
 * The power that a lamp cannot exceed for long, W: twice what its type is rated at, at least 100 W. Bounds how far a register can
 * rightly move.
 */
export function plausiblePowerW(ratedPowerW: number): number {
  return Math.max(100, 2 * ratedPowerW);
}

/**
 * Energy between two consecutive register readings of a lamp, Wh.
 * - The register grew by no more than the lamp can draw: the difference.
 * - It fell, and now holds no more than the lamp can have drawn since: it was reset to zero in between; what it holds.
 * - Otherwise (a glitch, or a meter replaced by one that does not start at zero) nothing can be known: 0, `implausible`.
 */
export function registerDelta(
  previous: RegisterReading,
  next: RegisterReading,
  plausibleW: number,
): { readonly deltaWh: number; readonly step: RegisterStep } {
  const smallest = (wh: number) => (wh < SMALLEST_DELTA_WH ? 0 : wh);
  const boundWh = RESOLUTION_SLACK_WH + (plausibleW * (next.timeMs - previous.timeMs)) / HOUR_MS;
  const grownWh = next.activeEnergyWh - previous.activeEnergyWh;
  if (grownWh >= 0)
    return grownWh <= boundWh ? { deltaWh: smallest(grownWh), step: 'normal' } : { deltaWh: 0, step: 'implausible' };
  return next.activeEnergyWh <= boundWh
    ? { deltaWh: smallest(next.activeEnergyWh), step: 'reset' }
    : { deltaWh: 0, step: 'implausible' };
}

/**
 * Energy of one lamp in [fromMs, toMs), Wh, from its readings in order of time, one per instant. What was drawn between two
 * readings is spread evenly over the time between them, so the energies of the parts of a period add up to that of the whole.
 */
export function energyBetween(
  readings: readonly RegisterReading[],
  fromMs: number,
  toMs: number,
  plausibleW: number,
): number {
  let energyWh = 0;
  for (let index = 1; index < readings.length; index += 1) {
    const previous = readings[index - 1] as RegisterReading;
    const next = readings[index] as RegisterReading;
    const overlapMs = Math.min(next.timeMs, toMs) - Math.max(previous.timeMs, fromMs);
    if (overlapMs <= 0) continue;
    energyWh += (registerDelta(previous, next, plausibleW).deltaWh * overlapMs) / (next.timeMs - previous.timeMs);
  }
  return energyWh;
}
