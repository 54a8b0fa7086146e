import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { localDateOf, localMinutesOfDay, localNoonMs } from './zone.js';

const zones = [
  'Europe/Bucharest',
  'Europe/Rome',
  'Europe/Helsinki',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Kiritimati',
  'America/St_Johns',
  'UTC',
];

describe('localNoonMs', () => {
  it.each([
    ['2026-01-15', 'Europe/Bucharest', '2026-01-15T10:00:00Z'],
    ['2026-07-15', 'Europe/Bucharest', '2026-07-15T09:00:00Z'],
    ['2026-03-28', 'Europe/Rome', '2026-03-28T11:00:00Z'],
    ['2026-03-29', 'Europe/Rome', '2026-03-29T10:00:00Z'],
    ['2026-10-24', 'Europe/Rome', '2026-10-24T10:00:00Z'],
    ['2026-10-25', 'Europe/Rome', '2026-10-25T11:00:00Z'],
    ['2026-03-08', 'America/New_York', '2026-03-08T16:00:00Z'],
    ['2026-01-01', 'Pacific/Kiritimati', '2025-12-31T22:00:00Z'],
    ['2026-01-01', 'Asia/Kathmandu', '2026-01-01T06:15:00Z'],
    ['2028-02-29', 'UTC', '2028-02-29T12:00:00Z'],
  ])('of %s in %s is %s', (date, zone, expected) => {
    expect(localNoonMs(date, zone)).toBe(Date.parse(expected));
  });

  it.each(['2026-02-29', '2026-2-1', '2026-13-01', 'today', ''])('refuses "%s"', (date) => {
    expect(() => localNoonMs(date, 'Europe/Rome')).toThrow(RangeError);
  });

  it('refuses an unknown zone', () => {
    expect(() => localNoonMs('2026-01-01', 'Europe/Atlantis')).toThrow(RangeError);
  });
});

describe('localDateOf and localMinutesOfDay', () => {
  it.each([
    // Spring: 03:00 becomes 04:00 in Bucharest at 01:00 UTC.
    ['2026-03-29T00:59:59.999Z', 'Europe/Bucharest', '2026-03-29', 179],
    ['2026-03-29T01:00:00Z', 'Europe/Bucharest', '2026-03-29', 240],
    // Autumn: 04:00 becomes 03:00; each minute of the hour comes twice.
    ['2026-10-25T00:30:00Z', 'Europe/Bucharest', '2026-10-25', 210],
    ['2026-10-25T01:30:00Z', 'Europe/Bucharest', '2026-10-25', 210],
    ['2026-06-20T21:00:00Z', 'Europe/Bucharest', '2026-06-21', 0],
    ['2026-06-20T20:59:59.999Z', 'Europe/Bucharest', '2026-06-20', 1439],
    // Half an hour of summer time: 02:00 becomes 02:30.
    ['2026-10-03T15:29:00Z', 'Australia/Lord_Howe', '2026-10-04', 119],
    ['2026-10-03T15:30:00Z', 'Australia/Lord_Howe', '2026-10-04', 150],
    ['1969-12-31T23:59:30Z', 'UTC', '1969-12-31', 1439],
  ])('at %s in %s: %s, minute %i', (instant, zone, date, minutes) => {
    expect(localDateOf(Date.parse(instant), zone)).toBe(date);
    expect(localMinutesOfDay(Date.parse(instant), zone)).toBe(minutes);
  });

  it('agree with the platform at any instant', () => {
    const instants = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2060, 0, 1) });
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (ms, timeZone) => {
        const shown = new Date(ms).toLocaleString('sv-SE', { timeZone });
        expect(localDateOf(ms, timeZone)).toBe(shown.slice(0, 10));
        const minutes = localMinutesOfDay(ms, timeZone);
        expect(minutes).toBe(Number(shown.slice(11, 13)) * 60 + Number(shown.slice(14, 16)));
      }),
      { numRuns: 1000 },
    );
  });

  it('give back the date and 12:00 of every local noon', () => {
    for (const zone of zones) {
      for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2027, 0, 1); day += 86_400_000) {
        const date = new Date(day).toISOString().slice(0, 10);
        const noon = localNoonMs(date, zone);
        expect([localDateOf(noon, zone), localMinutesOfDay(noon, zone)]).toEqual([date, 720]);
      }
    }
  });
});
