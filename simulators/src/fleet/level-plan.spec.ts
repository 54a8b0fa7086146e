import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { astronomicalPlan, nightChanges, storedPlan } from './level-plan.js';

const botosani = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const tromso = { latitude: 69.6492, longitude: 18.9553, timeZone: 'Europe/Oslo' };
const levels = (place: typeof oulu, date: string) => nightChanges(place, date).map(({ levelPercent }) => levelPercent);
const times = (place: typeof oulu, date: string) =>
  nightChanges(place, date).map(({ atMs }) => new Date(atMs).toISOString().slice(0, 16));

describe('the astronomical plan', () => {
  it('is full at sunset, half between 23:00 and 05:00 local time, off at sunrise', () => {
    expect(levels(botosani, '2026-11-24')).toEqual([0, 100, 50, 100, 0]);
    expect(times(botosani, '2026-11-24').slice(2, 4)).toEqual(['2026-11-24T21:00', '2026-11-25T03:00']);
  });

  it('keeps to wall time on the nights on which the clock changes', () => {
    expect(times(botosani, '2026-10-24').slice(2, 4)).toEqual(['2026-10-24T20:00', '2026-10-25T03:00']);
    expect(times(botosani, '2026-03-28').slice(2, 4)).toEqual(['2026-03-28T21:00', '2026-03-29T02:00']);
  });

  it('is short and dim in Oulu in June, and off or on all along beyond the polar circle', () => {
    expect(levels(oulu, '2026-06-21')).toEqual([0, 50, 0]);
    expect(levels(tromso, '2026-06-21')).toEqual([0]);
    expect(levels(tromso, '2026-12-21')).toEqual([100, 50, 100]);
  });

  it('walked from change to change shows the level that it says it has', () => {
    const start = Date.parse('2026-01-01T00:00:00Z');
    fc.assert(
      fc.property(
        fc.constantFrom(botosani, oulu, tromso),
        fc.integer({ min: 0, max: 365 * 86_400 }),
        (place, seconds) => {
          const plan = astronomicalPlan(place);
          const ms = start + seconds * 1000;
          const next = plan.nextAfter(ms);
          expect(next).toBeDefined();
          if (next === undefined) return;
          expect(next.atMs).toBeGreaterThan(ms);
          expect(plan.levelAt(next.atMs)).toBe(next.levelPercent);
          expect(plan.levelAt(next.atMs - 1)).toBe(plan.levelAt(ms));
        },
      ),
    );
  });
});

describe('a stored plan', () => {
  const plan = storedPlan([
    { atMs: 10, levelPercent: 100, fadeS: 0 },
    { atMs: 20, levelPercent: 30, fadeS: 0 },
  ]);

  it('is off before its first switch point and keeps the last', () => {
    expect([9, 10, 19, 20, 1e9].map((ms) => plan.levelAt(ms))).toEqual([0, 100, 100, 30, 30]);
    expect(plan.nextAfter(10)?.atMs).toBe(20);
    expect(plan.nextAfter(20)).toBeUndefined();
  });
});
