import { wallTimeOf } from '#libs/kernel';
import { clockOf } from '../night/local-time.js';

const QUARTER_MS = 900_000;

export interface Tick {
  readonly ms: number;
  /** `18`. */
  readonly hour: string;
}

/** Full hours of the wall clock from one instant to another, both included: an hour that is repeated stands there twice. */
export function hourTicks(startMs: number, endMs: number, timeZone: string): Tick[] {
  const ticks: Tick[] = [];
  for (let ms = startMs; ms <= endMs; ms += QUARTER_MS) {
    const { minuteOfDay } = wallTimeOf(ms, timeZone);
    if (minuteOfDay % 60 === 0) ticks.push({ ms, hour: String(minuteOfDay / 60).padStart(2, '0') });
  }
  return ticks;
}

/** Where the clocks change within a time: when, and in words. */
export function clockChange(
  startMs: number,
  endMs: number,
  timeZone: string,
): { readonly ms: number; readonly words: string } | undefined {
  const minute = (ms: number) => wallTimeOf(ms, timeZone).minuteOfDay;
  for (let ms = startMs; ms < endMs; ms += QUARTER_MS) {
    const passed = (minute(ms + QUARTER_MS) - minute(ms) + 1440) % 1440;
    if (passed === 15) continue;
    const changeMs = ms + QUARTER_MS;
    const direction = passed > 15 && passed < 720 ? 'forward' : 'back';
    return { ms: changeMs, words: `clocks go ${direction} to ${clockOf(changeMs, timeZone)}` };
  }
  return undefined;
}
