import { describe, expect, it } from '@jest/globals';
import { addDays } from '#libs/kernel';
import fc from 'fast-check';
import { NIGHTS, RENEW_AFTER_NIGHTS, windowStart } from './program-window.js';

const nightsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;
const devices = fc.stringMatching(/^[A-Z]{2}-\d{4}$/);
const dates = fc.integer({ min: 0, max: 5000 }).map((day) => addDays('2026-01-01', day));

describe('windowStart', () => {
  it('holds the night, with at least half of the nights still to come, and moves on by half', () => {
    fc.assert(
      fc.property(devices, dates, (device, date) => {
        const start = windowStart(device, date);
        const used = nightsBetween(start, date);
        expect(used).toBeGreaterThanOrEqual(0);
        expect(NIGHTS - used).toBeGreaterThan(RENEW_AFTER_NIGHTS);
        expect(windowStart(device, start)).toBe(start);
        expect(windowStart(device, addDays(start, RENEW_AFTER_NIGHTS - 1))).toBe(start);
        expect(windowStart(device, addDays(start, RENEW_AFTER_NIGHTS))).toBe(addDays(start, RENEW_AFTER_NIGHTS));
      }),
    );
  });

  it('does not renew a city on one day', () => {
    const starts = Array.from({ length: 3000 }, (_, n) => windowStart(`BT-${n}`, '2026-11-25'));
    const counts = [...Map.groupBy(starts, (start) => start).values()].map(({ length }) => length);
    expect(counts).toHaveLength(RENEW_AFTER_NIGHTS);
    expect(Math.max(...counts)).toBeLessThan(300);
  });
});
