import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { astronomicalPlan, nightChanges, planUntil, storedPlan } from './level-plan.js';

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
    [10, 100, 0],
    [20, 30, 5],
  ]);

  it('is off before its first switch point and keeps the last', () => {
    expect([9_999, 10_000, 19_999, 20_000, 1e12].map((ms) => plan.levelAt(ms))).toEqual([0, 100, 100, 30, 30]);
    expect(plan.nextAfter(10_000)).toEqual({ atMs: 20_000, levelPercent: 30, fadeS: 5 });
    expect(plan.nextAfter(20_000)).toBeUndefined();
  });

  it('has at every instant the level of its last point at or before it, of several at one instant the last', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 100 }), fc.constant(0));
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 31 }),
        (points, second) => {
          const sorted = points.toSorted(([a], [b]) => a - b) as [number, number, number][];
          const searched = storedPlan(sorted);
          const last = sorted.findLast(([at]) => at <= second);
          expect(searched.levelAt(second * 1000)).toBe(last?.[1] ?? 0);
          const next = searched.nextAfter(second * 1000);
          expect(next?.atMs).toBe(sorted.map(([at]) => at * 1000).find((ms) => ms > second * 1000));
          if (next !== undefined) expect(next.levelPercent).toBe(searched.levelAt(next.atMs));
        },
      ),
    );
  });

  it('hands over to another at an instant, with its fade where that has a change just then', () => {
    const afterwards = storedPlan([
      [15, 60, 9],
      [30, 0, 0],
    ]);
    const joined = planUntil(plan, 15_000, afterwards);
    expect(joined.nextAfter(10_000)).toEqual({ atMs: 15_000, levelPercent: 60, fadeS: 9 });
    expect(planUntil(plan, 16_000, afterwards).nextAfter(10_000)).toEqual({ atMs: 16_000, levelPercent: 60, fadeS: 0 });
    expect([14_999, 15_000, 30_000].map((ms) => joined.levelAt(ms))).toEqual([100, 60, 0]);
  });
});
