import { createHash } from 'node:crypto';
import { addDays } from '#libs/kernel';

/** Nights in a device's program. */
export const NIGHTS = 30;
/** A program is renewed when this many of its nights are used. */
export const RENEW_AFTER_NIGHTS = 15;

const DAY_MS = 86_400_000;

/**
 * The first night of the program that a device runs in the night of `date`. Windows begin every 15 nights, on a day that depends on
 * the device: so the same question always has the same answer without anything to remember, and a city does not renew on one day.
 */
export function windowStart(device: string, date: string): string {
  const nights = Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
  const shift = createHash('sha256').update(device).digest().readUInt16BE(0) % RENEW_AFTER_NIGHTS;
  return addDays(date, -((nights + shift) % RENEW_AFTER_NIGHTS));
}
