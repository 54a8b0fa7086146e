import { describe, expect, it } from '@jest/globals';
import { addDays, weekdayOf } from '#libs/kernel';
import { easterSunday, holds, programOfNight, type CalendarCondition } from './calendar.js';

const datesOf2026 = Array.from({ length: 365 }, (_, day) => addDays('2026-01-01', day));
const holding = (condition: CalendarCondition) => datesOf2026.filter((date) => holds(condition, date));

describe('easterSunday', () => {
  // Published tables of both churches.
  it.each([
    ['2024', '2024-03-31', '2024-05-05'],
    ['2025', '2025-04-20', '2025-04-20'],
    ['2026', '2026-04-05', '2026-04-12'],
    ['2027', '2027-03-28', '2027-05-02'],
    ['2035', '2035-03-25', '2035-04-29'],
    ['2038', '2038-04-25', '2038-04-25'],
  ])('of %s', (year, western, orthodox) => {
    expect(easterSunday(Number(year), 'western')).toBe(western);
    expect(easterSunday(Number(year), 'orthodox')).toBe(orthodox);
  });

  it('is a Sunday in every year of two centuries', () => {
    for (let year = 1901; year < 2100; year += 1) {
      for (const church of ['western', 'orthodox'] as const) expect(weekdayOf(easterSunday(year, church))).toBe(7);
    }
  });
});

describe('conditions', () => {
  it('of date ranges reach over the turn of the year', () => {
    expect(holding({ kind: 'dateRange', from: '12-20', to: '01-06' })).toHaveLength(12 + 6);
    expect(holding({ kind: 'dateRange', from: '06-01', to: '06-30' })).toHaveLength(30);
  });

  it('of weekdays, and of the n-th one of a month', () => {
    expect(holding({ kind: 'weekdays', weekdays: [6, 7] })).toHaveLength(104);
    expect(holding({ kind: 'nthWeekday', weekday: 5, nth: 1 })).toHaveLength(12);
    expect(holding({ kind: 'nthWeekday', weekday: 7, nth: 'last' }).slice(2, 4)).toEqual(['2026-03-29', '2026-04-26']);
    expect(holding({ kind: 'nthWeekday', weekday: 7, nth: 5 })).toEqual([
      '2026-03-29',
      '2026-05-31',
      '2026-08-30',
      '2026-11-29',
    ]);
  });

  it('of yearly dates, Easter and lists', () => {
    expect(holding({ kind: 'yearly', date: '12-01' })).toEqual(['2026-12-01']);
    expect(holding({ kind: 'yearly', date: '02-29' })).toEqual([]);
    expect(holding({ kind: 'easter', offsetDays: -2, church: 'western' })).toEqual(['2026-04-03']);
    expect(holding({ kind: 'easter', offsetDays: 1, church: 'orthodox' })).toEqual(['2026-04-13']);
    expect(holding({ kind: 'dates', dates: ['2026-09-05', '2027-09-04'] })).toEqual(['2026-09-05']);
  });
});

describe('programOfNight', () => {
  const calendar = {
    defaultProgram: 'normal',
    rules: [
      { conditions: [{ kind: 'easter', offsetDays: -1, church: 'orthodox' }], program: 'full' },
      {
        conditions: [
          { kind: 'weekdays', weekdays: [5, 6] },
          { kind: 'dateRange', from: '06-01', to: '08-31' },
        ],
        program: 'summer weekend',
      },
      { conditions: [{ kind: 'weekdays', weekdays: [5, 6] }], program: 'weekend' },
    ],
  } as const;

  it('takes the first rule that holds with all its conditions, else the default', () => {
    const on = (date: string) => programOfNight(calendar, date);
    expect(on('2026-04-11')).toEqual({ program: 'full', rule: 0 });
    expect(on('2026-07-04')).toEqual({ program: 'summer weekend', rule: 1 });
    expect(on('2026-11-27')).toEqual({ program: 'weekend', rule: 2 });
    expect(on('2026-11-24')).toEqual({ program: 'normal', rule: -1 });
  });
});
