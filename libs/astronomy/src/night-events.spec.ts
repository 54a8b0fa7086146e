import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { altitudeCrossings, HORIZON_DEG, nightEvents, type Crossing } from './night-events.js';

const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const tromso = { latitude: 69.6492, longitude: 18.9553, timeZone: 'Europe/Oslo' };
const kinds = (events: object) =>
  Object.values(events)
    .filter((value): value is Crossing => typeof value === 'object')
    .map(({ kind }) => kind);
const isoOf = (crossing: Crossing) =>
  crossing.kind === 'at' ? new Date(crossing.ms).toISOString().slice(0, 16) : crossing.kind;

describe('nightEvents', () => {
  it('of Oulu in June: the sun sets after midnight, and civil twilight never ends', () => {
    const events = nightEvents(oulu, '2026-06-20');
    expect(isoOf(events.sunset)).toBe('2026-06-20T21:21');
    expect(isoOf(events.sunrise)).toBe('2026-06-20T23:18');
    expect([events.civilDusk.kind, events.civilDawn.kind]).toEqual(['staysAbove', 'staysAbove']);
  });

  it('of Tromsø: polar day, polar night with twilight at noon', () => {
    expect(kinds(nightEvents(tromso, '2026-06-21'))).toEqual(['staysAbove', 'staysAbove', 'staysAbove', 'staysAbove']);
    const december = nightEvents(tromso, '2026-12-21');
    expect([december.sunset.kind, december.sunrise.kind]).toEqual(['staysBelow', 'staysBelow']);
    expect([december.civilDusk.kind, december.civilDawn.kind]).toEqual(['at', 'at']);
  });

  const places = fc
    .tuple(fc.double({ min: -89, max: 89, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }))
    .map(([latitude, longitude]) => ({ latitude, longitude, timeZone: nauticalZone(longitude) }));
  const dates = fc
    .integer({ min: 0, max: 20_000 })
    .map((day) => new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10));

  it('are in order, one named result each, anywhere on any date', () => {
    fc.assert(
      fc.property(places, dates, (place, date) => {
        const { sunset, civilDusk, solarMidnightMs, civilDawn, sunrise } = nightEvents(place, date);
        const times = [sunset, civilDusk, { kind: 'at', ms: solarMidnightMs } as const, civilDawn, sunrise].flatMap(
          (event) => (event.kind === 'at' ? [event.ms] : []),
        );
        expect(times.every(Number.isFinite)).toBe(true);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(86_400_000);
        // Where the sun does not even set, it does not get civilly dark.
        if (sunset.kind === 'staysAbove') expect(civilDusk.kind).toBe('staysAbove');
        if (civilDusk.kind === 'staysBelow') expect(sunset.kind).toBe('staysBelow');
        // Both halves meet at solar midnight.
        expect(sunset.kind === 'staysAbove').toBe(sunrise.kind === 'staysAbove');
      }),
      { numRuns: 500 },
    );
  });

  it('come later in the evening and earlier in the morning for a lower altitude', () => {
    fc.assert(
      fc.property(places, dates, fc.double({ min: -17, max: 20, noNaN: true }), (place, date, altitudeDeg) => {
        const upper = altitudeCrossings(place, date, altitudeDeg + 0.5);
        const lower = altitudeCrossings(place, date, altitudeDeg);
        if (upper.evening.kind === 'at' && lower.evening.kind === 'at')
          expect(lower.evening.ms).toBeGreaterThan(upper.evening.ms);
        if (upper.morning.kind === 'at' && lower.morning.kind === 'at')
          expect(lower.morning.ms).toBeLessThan(upper.morning.ms);
      }),
      { numRuns: 300 },
    );
    expect(altitudeCrossings(oulu, '2026-03-20', HORIZON_DEG).evening).toEqual(nightEvents(oulu, '2026-03-20').sunset);
  });

  it('refuse what is no date', () => {
    expect(() => nightEvents(oulu, '2026-02-30')).toThrow(RangeError);
    expect(() => nightEvents({ ...oulu, timeZone: 'Europe/Oulu' }, '2026-02-03')).toThrow(RangeError);
  });
});

/** The zone of ships at a longitude; the signs of these names are reversed. */
function nauticalZone(longitude: number): string {
  const hours = Math.round(longitude / 15);
  return hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}
