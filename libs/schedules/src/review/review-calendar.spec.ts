import { describe, expect, it } from '@jest/globals';
import type { CalendarRule } from '../calendar.js';
import type { ControlProgram } from '../control-program.js';
import { reviewCalendar } from './review-calendar.js';
import { specialNights } from './special-nights.js';

const botosani = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const night = {
  from: { anchor: { kind: 'sunset' } as const, offsetMinutes: 0 },
  to: { anchor: { kind: 'sunrise' } as const, offsetMinutes: 0 },
};
const FULL: ControlProgram = { activePeriods: [night], switchPoints: [], minimumLevelPercent: 0 };
const DARK: ControlProgram = { ...FULL, switchPoints: [{ at: night.from, levelPercent: 0, fadeS: 0 }] };
const programs = new Map([
  ['FULL', FULL],
  ['DARK', DARK],
]);
const review = (rules: readonly CalendarRule<string>[], defaultProgram = 'FULL') =>
  reviewCalendar({ rules, defaultProgram }, programs, botosani, '2026-01-01', 365);

describe('reviewCalendar', () => {
  it('has nothing to say of a sound calendar', () => {
    expect(review([{ conditions: [{ kind: 'weekdays', weekdays: [5, 6] }], program: 'FULL' }])).toEqual([]);
  });

  it('names rules that never decide, and what goes before them', () => {
    const warnings = review([
      { conditions: [{ kind: 'weekdays', weekdays: [6, 7] }], program: 'FULL' },
      { conditions: [{ kind: 'nthWeekday', weekday: 7, nth: 'last' }], program: 'FULL' },
      { conditions: [{ kind: 'yearly', date: '02-29' }], program: 'FULL' },
    ]);
    expect(warnings.map(({ code, at }) => [code, at])).toEqual([
      ['ruleNeverWins', '/rules/1'],
      ['ruleNeverWins', '/rules/2'],
    ]);
    expect(warnings[0]?.message).toMatch(/Rule 2 never decides, because rule 1 goes before it/);
    expect(warnings[1]?.message).toMatch(/holds on no date/);
  });

  it('misses a weekday that was forgotten, and a program that does not exist', () => {
    const warnings = review([{ conditions: [{ kind: 'weekdays', weekdays: [1, 2, 3, 4, 6, 7] }], program: 'GONE' }]);
    expect(warnings.map(({ code, nights }) => [code, nights])).toEqual([
      ['programUnknown', 365],
      ['weekdayUncovered', 52],
    ]);
    expect(warnings[1]?.message).toContain('Fridays');
  });

  it('names the dates on which it leaves the street dark, and only those', () => {
    const [dark, ...others] = review([{ conditions: [{ kind: 'yearly', date: '03-28' }], program: 'DARK' }]);
    expect(others).toEqual([]);
    expect(dark).toMatchObject({ code: 'darkAtNight', at: '/rules/0', nights: 1, dates: ['2026-03-28'] });
  });
});

describe('specialNights', () => {
  it('are the longest, the shortest and both changes of the clock', () => {
    const found = specialNights(FULL, oulu, 2026);
    expect(found.map(({ kind }) => kind)).toEqual(['longestNight', 'shortestNight', 'clocksForward', 'clocksBack']);
    const [longest, shortest, forward, back] = found;
    expect(longest?.date.slice(0, 7)).toBe('2026-12');
    expect(longest?.burningHours).toBeGreaterThan(20);
    expect(shortest?.date.slice(0, 7)).toBe('2026-06');
    expect(shortest?.burningHours).toBeLessThan(2.1);
    expect([forward?.date, back?.date]).toEqual(['2026-03-28', '2026-10-24']);
    expect(specialNights(FULL, { ...oulu, timeZone: 'UTC' }, 2026)).toHaveLength(2);
  });
});
