import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isTimeZone, startOfLocalDate, startOfLocalHour, wallTimeOf } from './zone.js';

const zone = 'Europe/Bucharest';

describe('zones', () => {
  it('know when a local date begins, on every day of the year', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.constantFrom(
          zone,
          'Europe/Lisbon',
          'Australia/Lord_Howe',
          'Pacific/Auckland',
          'America/Santiago',
          'Asia/Kathmandu',
          'UTC',
        ),
        (days, timeZone) => {
          const date = addDays('2024-01-01', days);
          const start = startOfLocalDate(date, timeZone);
          expect(wallTimeOf(start, timeZone).date).toBe(date);
          expect(wallTimeOf(start - 1, timeZone).date).toBe(addDays(date, -1));
        },
      ),
    );
  });

  it('know the start of every local hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000_000_000 }),
        fc.constantFrom(zone, 'Asia/Kathmandu', 'Australia/Adelaide', 'UTC'),
        (ms, timeZone) => {
          const start = startOfLocalHour(ms, timeZone);
          expect(ms - start).toBeLessThan(3_600_000);
          expect(ms - start).toBeGreaterThanOrEqual(0);
          expect(wallTimeOf(start, timeZone).minuteOfDay % 60 === 0).toBe(true);
          expect(start % 1000 === 0).toBe(true);
        },
      ),
    );
  });

  it('give days of 23 and 25 hours', () => {
    const length = (date: string) =>
      (startOfLocalDate(addDays(date, 1), zone) - startOfLocalDate(date, zone)) / 3_600_000;
    expect([length('2026-03-29'), length('2026-10-25'), length('2026-06-01')]).toEqual([23, 25, 24]);
  });

  it('are recognised', () => {
    expect([isTimeZone('Europe/Oulu'), isTimeZone('Europe/Helsinki'), isTimeZone('')]).toEqual([false, true, false]);
  });
});
