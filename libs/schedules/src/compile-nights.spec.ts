import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, localNoonMs } from '#libs/kernel';
import { compileNights, dateOfNight, levelAtPoint, nightPoints } from './compile-nights.js';
import type { ControlProgram } from './control-program.js';
import { levelAt, nightCurve } from './night-curve.js';
import { places, programs } from '../test/arbitraries.js';

const clock = (time: string) => ({ anchor: { kind: 'clock', time } as const, offsetMinutes: 0 });
const SUNSET = { anchor: { kind: 'sunset' } as const, offsetMinutes: 0 };
const SUNRISE = { anchor: { kind: 'sunrise' } as const, offsetMinutes: 0 };
const PART_NIGHT: ControlProgram = {
  activePeriods: [{ from: SUNSET, to: SUNRISE }],
  switchPoints: [
    { at: clock('23:00'), levelPercent: 50, fadeS: 60 },
    { at: clock('05:00'), levelPercent: 100, fadeS: 10 },
  ],
  minimumLevelPercent: 0,
};

describe('compiled nights', () => {
  const dates = fc.integer({ min: 0, max: 1500 }).map((day) => addDays('2026-01-01', day));

  it('hold the level of the night’s curve at every instant, in order, without repeats', () => {
    fc.assert(
      fc.property(
        programs,
        programs,
        places,
        dates,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (even, odd, place, first, share) => {
          const programOf = (date: string) => (Date.parse(date) % (2 * 86_400_000) === 0 ? even : odd);
          const points = compileNights(programOf, place, first, 4);
          for (const [index, { atS, levelPercent }] of points.entries()) {
            const next = points[index + 1];
            if (next !== undefined) expect([next.atS > atS, next.levelPercent === levelPercent]).toEqual([true, false]);
          }
          const startMs = localNoonMs(first, place.timeZone);
          const ms = startMs + Math.floor(share * (localNoonMs(addDays(first, 4), place.timeZone) - startMs - 1));
          const date = dateOfNight(ms, place.timeZone);
          const curve = nightCurve(programOf(date), place, date);
          // Points stand on whole seconds.
          if (curve.segments.some(({ fromMs }) => Math.abs(fromMs - ms) < 1000)) return;
          expect(levelAtPoint(points, ms)?.levelPercent).toBe(levelAt(curve, ms));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('know to which night an instant belongs, on every day, also when clocks change', () => {
    fc.assert(
      fc.property(places, dates, fc.double({ min: 0, max: 0.999999, noNaN: true }), ({ timeZone }, date, share) => {
        const [startMs, endMs] = [localNoonMs(date, timeZone), localNoonMs(addDays(date, 1), timeZone)];
        expect(dateOfNight(startMs + Math.floor(share * (endMs - startMs)), timeZone)).toBe(date);
        expect(dateOfNight(startMs - 1, timeZone)).toBe(addDays(date, -1));
      }),
    );
  });

  it('follow the rules that the zone has when they are compiled: other rules, other points', () => {
    // Two zones that agree until the clocks of one change: as when a country gives summer time up.
    const athens = { latitude: 40, longitude: 26, timeZone: 'Europe/Athens' };
    const withoutSummerTime = { ...athens, timeZone: 'Etc/GMT-2' };
    const at = (place: typeof athens, date: string) =>
      nightPoints(nightCurve(PART_NIGHT, place, date)).map(({ atS }) => atS);
    expect(at(athens, '2026-03-20')).toEqual(at(withoutSummerTime, '2026-03-20'));
    const [noon, , dimmed] = at(athens, '2026-04-20');
    const [otherNoon, , otherDimmed] = at(withoutSummerTime, '2026-04-20');
    expect([(otherNoon ?? 0) - (noon ?? 0), (otherDimmed ?? 0) - (dimmed ?? 0)]).toEqual([3600, 3600]);
  });
});
