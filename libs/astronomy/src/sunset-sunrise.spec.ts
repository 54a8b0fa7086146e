import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Place } from './place.js';
import { nightEvents } from './night-events.js';
import { localNoonMs } from '#libs/kernel';

const botosani: Place = { latitude: 47.7486, longitude: 26.6694, timeZone: 'Europe/Bucharest' };
const messina: Place = { latitude: 38.1938, longitude: 15.554, timeZone: 'Europe/Rome' };
const oulu: Place = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const tromso: Place = { latitude: 69.6492, longitude: 18.9553, timeZone: 'Europe/Oslo' };

function ordinary(place: Place, date: string): { sunsetMs: number; sunriseMs: number } {
  const { sunset, sunrise } = nightEvents(place, date);
  if (sunset.kind !== 'at' || sunrise.kind !== 'at') throw new Error(`${date}: ${sunset.kind}, ${sunrise.kind}`);
  return { sunsetMs: sunset.ms, sunriseMs: sunrise.ms };
}

describe('an ordinary night', () => {
  it.each([
    ['Botosani', botosani, '2026-06-21', '2026-06-21T21:15+03:00', '2026-06-22T05:15+03:00'],
    ['Botosani', botosani, '2026-12-21', '2026-12-21T16:24+02:00', '2026-12-22T08:00+02:00'],
    ['Messina', messina, '2026-06-21', '2026-06-21T20:24+02:00', '2026-06-22T05:35+02:00'],
    ['Messina', messina, '2026-12-21', '2026-12-21T16:41+01:00', '2026-12-22T07:11+01:00'],
    ['Oulu, whose sun sets after midnight,', oulu, '2026-06-20', '2026-06-21T00:21+03:00', '2026-06-21T02:18+03:00'],
    ['Oulu', oulu, '2026-06-21', '2026-06-22T00:22+03:00', '2026-06-22T02:18+03:00'],
    ['Oulu', oulu, '2026-12-21', '2026-12-21T14:03+02:00', '2026-12-22T10:29+02:00'],
  ])('of %s is the almanac’s to the minute', (_name, place, date, sunset, sunrise) => {
    const night = ordinary(place, date);
    expect(Math.abs(night.sunsetMs - Date.parse(sunset))).toBeLessThanOrEqual(60_000);
    expect(Math.abs(night.sunriseMs - Date.parse(sunrise))).toBeLessThanOrEqual(60_000);
  });

  it('lies in its window, sunset first, below 60 degrees', () => {
    const places = fc
      .tuple(fc.double({ min: -60, max: 60, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }))
      .map(([latitude, longitude]) => ({ latitude, longitude, timeZone: nauticalZone(longitude) }));
    const days = fc.integer({ min: 0, max: 20_000 }).map((day) => Date.UTC(2000, 0, 1) + day * 86_400_000);
    fc.assert(
      fc.property(places, days, (place, day) => {
        const [date, next] = [dateOf(day), dateOf(day + 86_400_000)];
        const { sunsetMs, sunriseMs } = ordinary(place, date);
        expect(sunsetMs).toBeGreaterThan(localNoonMs(date, place.timeZone));
        expect(sunriseMs).toBeGreaterThan(sunsetMs);
        expect(sunriseMs).toBeLessThan(localNoonMs(next, place.timeZone));
      }),
      { numRuns: 2000 },
    );
  });

  it('begins and ends with the upper limb on the horizon, by another formula than the library’s', () => {
    const latitudes = fc.double({ min: -60, max: 60, noNaN: true });
    fc.assert(
      fc.property(latitudes, fc.integer({ min: 0, max: 730 }), (latitude, day) => {
        const place = { ...botosani, latitude };
        const { sunsetMs, sunriseMs } = ordinary(place, dateOf(Date.UTC(2026, 0, 1) + day * 86_400_000));
        for (const ms of [sunsetMs, sunriseMs]) expect(Math.abs(sunAltitude(place, ms) + 0.833)).toBeLessThan(0.02);
        expect(sunAltitude(place, sunsetMs + 60_000)).toBeLessThan(sunAltitude(place, sunsetMs));
        expect(sunAltitude(place, sunriseMs + 60_000)).toBeGreaterThan(sunAltitude(place, sunriseMs));
      }),
    );
    // Where the sun barely dips, 0.02 degrees are less than a minute still.
    const { sunsetMs, sunriseMs } = ordinary(oulu, '2026-06-20');
    for (const ms of [sunsetMs, sunriseMs]) expect(Math.abs(sunAltitude(oulu, ms) + 0.833)).toBeLessThan(0.02);
  });

  it('holds on either side of the date line, and where clocks are far from the sun', () => {
    const far: Place[] = [
      { latitude: -18.1, longitude: 178.4, timeZone: 'Pacific/Fiji' },
      { latitude: -13.8, longitude: -171.8, timeZone: 'Pacific/Apia' },
      { latitude: 1.87, longitude: -157.4, timeZone: 'Pacific/Kiritimati' },
      { latitude: 39.5, longitude: 76, timeZone: 'Asia/Shanghai' },
    ];
    for (const place of far) {
      for (const date of ['2026-03-20', '2026-06-21', '2026-09-22', '2026-12-21']) {
        const { sunsetMs, sunriseMs } = ordinary(place, date);
        const start = localNoonMs(date, place.timeZone);
        expect(sunsetMs).toBeGreaterThan(start + 4 * 3_600_000);
        expect(sunriseMs - sunsetMs).toBeGreaterThan(8 * 3_600_000);
        expect(sunriseMs).toBeLessThan(start + 86_400_000);
      }
    }
  });
});

describe('the edges of the polar day of Tromso', () => {
  // Where the sun only grazes the horizon, a minute is a few thousandths of a degree.
  it.each([
    ['last night before', '2026-05-17', '2026-05-18T00:28:10+02:00', '2026-05-18T00:52:08+02:00'],
    ['first night after', '2026-07-25', '2026-07-26T00:37:04+02:00', '2026-07-26T01:05:16+02:00'],
  ])('the %s the polar day has both its ends', (_name, date, sunset, sunrise) => {
    const { sunsetMs, sunriseMs } = ordinary(tromso, date);
    expect(near(sunsetMs, sunset)).toBe(true);
    expect(near(sunriseMs, sunrise)).toBe(true);
  });
});

function near(ms: number, almanac: string): boolean {
  return Math.abs(ms - Date.parse(almanac)) <= 60_000;
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Etc/GMT signs run the other way: Etc/GMT-2 is two hours ahead. */
function nauticalZone(longitude: number): string {
  const hours = Math.min(12, Math.max(-12, Math.round(longitude / 15)));
  return hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}

/** The sun's altitude without refraction, degrees: the Astronomical Almanac's low-precision formula, good to 0.01 degrees. */
function sunAltitude({ latitude, longitude }: Place, ms: number): number {
  const rad = Math.PI / 180;
  const n = ms / 86_400_000 - 10_957.5;
  const anomaly = (357.528 + 0.9856003 * n) * rad;
  const lambda = (280.46 + 0.9856474 * n + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * rad;
  const obliquity = (23.439 - 0.0000004 * n) * rad;
  const ascension = Math.atan2(Math.cos(obliquity) * Math.sin(lambda), Math.cos(lambda));
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(lambda));
  const hourAngle = (280.46061837 + 360.98564736629 * n + longitude) * rad - ascension;
  const up = Math.sin(latitude * rad) * Math.sin(declination);
  return Math.asin(up + Math.cos(latitude * rad) * Math.cos(declination) * Math.cos(hourAngle)) / rad;
}
