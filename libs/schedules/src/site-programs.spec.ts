import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '#libs/kernel';
import type { ControlProgram } from './control-program.js';
import { levelAt, nightCurve } from './night-curve.js';
import { dateOfNight } from './compile-nights.js';
import { SitePrograms } from './site-programs.js';

const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const clock = (time: string) => ({ anchor: { kind: 'clock', time } as const, offsetMinutes: 0 });
const night = {
  from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 },
  to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 },
} as const;
const EVENING: ControlProgram = {
  activePeriods: [night],
  switchPoints: [
    { at: clock('22:00'), levelPercent: 20, fadeS: 60 },
    { at: clock('05:30'), levelPercent: 100, fadeS: 10 },
  ],
  minimumLevelPercent: 0,
};
const FULL: ControlProgram = { activePeriods: [night], switchPoints: [], minimumLevelPercent: 0 };
const programs = new Map([
  ['EVENING', EVENING],
  ['FULL', FULL],
]);
const calendars = new Map([
  [
    1,
    {
      rules: [{ conditions: [{ kind: 'weekdays', weekdays: [5, 6] } as const], program: 'FULL' }],
      defaultProgram: 'EVENING',
    },
  ],
]);

describe('SitePrograms', () => {
  const site = new SitePrograms(oulu, programs, calendars);

  it('takes the program of each night, raised to the floor', () => {
    // 25 November 2026 is a Wednesday, 27 November a Friday.
    const levels = (date: string, floor: number) =>
      site.pointsOf(1, floor, date).map(({ levelPercent }) => levelPercent);
    expect(levels('2026-11-25', 0)).toEqual([0, 100, 20, 100, 0]);
    expect(levels('2026-11-25', 40)).toEqual([0, 100, 40, 100, 0]);
    expect(levels('2026-11-27', 40)).toEqual([0, 100, 0]);
  });

  it('ends a level that never changes after the next night, also where a night has 25 hours', () => {
    const off: ControlProgram = { activePeriods: [], switchPoints: [], minimumLevelPercent: 0 };
    const always = new SitePrograms(
      oulu,
      new Map([['OFF', off]]),
      new Map([[1, { rules: [], defaultProgram: 'OFF' }]]),
    );
    for (let ms = Date.parse('2026-10-23T00:00:00Z'); ms < Date.parse('2026-10-28T00:00:00Z'); ms += 600_000) {
      const { untilMs } = always.levelAt(1, 0, ms);
      expect({ ms, lastsH: (untilMs - ms) / 3_600_000 >= 24 }).toEqual({ ms, lastsH: true });
    }
  });

  it('says what holds now, since when, until when and why', () => {
    const now = site.levelAt(1, 0, Date.parse('2026-11-25T23:00:00Z'));
    expect(now).toEqual({
      levelPercent: 20,
      fadeS: 60,
      sinceMs: Date.parse('2026-11-25T20:00:00Z'),
      untilMs: Date.parse('2026-11-26T03:30:00Z'),
      program: 'EVENING',
      rule: -1,
    });
    expect(site.levelAt(1, 0, Date.parse('2026-11-28T01:00:00Z'))).toMatchObject({
      levelPercent: 100,
      program: 'FULL',
      rule: 0,
    });
  });

  it('agrees with the night curve at every instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 * 86_400 }), (seconds) => {
        const ms = Date.parse('2026-01-10T00:00:30Z') + seconds * 1000;
        const date = dateOfNight(ms, oulu.timeZone);
        const program = programs.get(site.programOf(1, date).program) ?? FULL;
        const points = site.pointsOf(1, 0, date);
        // Points stand on whole seconds.
        if (points.some(({ atS }) => Math.abs(atS * 1000 - ms) < 1000)) return;
        const level = site.levelAt(1, 0, ms);
        expect(level.levelPercent).toBe(levelAt(nightCurve(program, oulu, date), ms));
        expect(level.sinceMs <= ms && ms < level.untilMs).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('joins nights without repeating a level', () => {
    const points = site.pointsOfNights(1, 0, '2026-06-01', 60);
    for (const [index, { atS, levelPercent }] of points.entries()) {
      const next = points[index + 1];
      if (next !== undefined) expect([next.atS > atS, next.levelPercent === levelPercent]).toEqual([true, false]);
    }
    expect(addDays('2026-06-01', 60)).toBe('2026-07-31');
  });

  it('refuses what it does not know', () => {
    expect(() => site.levelAt(7, 0, 0)).toThrow(RangeError);
  });
});
