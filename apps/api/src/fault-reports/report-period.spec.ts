import { describe, expect, it } from '@jest/globals';
import { darkOf, monthsOf } from './report-period.js';

const at = (text: string) => new Date(text);

describe('monthsOf', () => {
  it('cuts a period into local months, also where the clock changes', () => {
    const period = { from: at('2026-02-10T00:00:00Z'), to: at('2026-04-15T00:00:00Z') };
    expect(monthsOf(period, 'Europe/Bucharest')).toEqual([
      { key: '2026-02', from: period.from, to: at('2026-02-28T22:00:00Z') },
      { key: '2026-03', from: at('2026-02-28T22:00:00Z'), to: at('2026-03-31T21:00:00Z') },
      { key: '2026-04', from: at('2026-03-31T21:00:00Z'), to: period.to },
    ]);
  });

  it('goes over the end of a year', () => {
    const period = { from: at('2025-12-31T00:00:00Z'), to: at('2026-01-01T00:00:00Z') };
    expect(monthsOf(period, 'Pacific/Kiritimati').map(({ key }) => key)).toEqual(['2025-12', '2026-01']);
  });
});

describe('darkOf', () => {
  const period = (day: string) => ({ from: at(`${day}T00:00:00Z`), to: at(`${day}T23:59:00Z`) });
  const hoursIn = ({ from, to }: { from: Date; to: Date }, nights: { from: Date; to: Date }[]) =>
    nights.reduce(
      (sum, night) => sum + Math.max(0, Math.min(+to, +night.to) - Math.max(+from, +night.from)) / 3_600_000,
      0,
    );

  it('knows long and short nights', () => {
    const messina = { latitude: 38.19, longitude: 15.55, timeZone: 'Europe/Rome' };
    expect(hoursIn(period('2026-12-21'), darkOf(period('2026-12-21'), messina))).toBeCloseTo(14.4, 0);
    expect(hoursIn(period('2026-06-21'), darkOf(period('2026-06-21'), messina))).toBeCloseTo(9.2, 0);
  });

  it('finds no dark in the polar day, and nothing else in the polar night', () => {
    const tromso = { latitude: 69.65, longitude: 18.96, timeZone: 'Europe/Oslo' };
    expect(darkOf(period('2026-06-21'), tromso)).toEqual([]);
    expect(hoursIn(period('2026-12-21'), darkOf(period('2026-12-21'), tromso))).toBeCloseTo(23.98, 1);
  });
});
