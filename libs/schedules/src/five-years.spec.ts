import { describe, expect, it } from '@jest/globals';
import { addDays, instantOfWallTime } from '#libs/kernel';
import { nightPoints } from './compile-nights.js';
import type { ControlProgram } from './control-program.js';
import { curveOf, darkSpans } from './night-curve.js';
import { nightOf } from './resolve-anchor.js';

/** The first cities (design): every latitude that they have. */
const CITIES = [
  ['Botosani', 47.7486, 26.6694, 'Europe/Bucharest'],
  ['Messina', 38.1938, 15.554, 'Europe/Rome'],
  ['Roquetas de Mar', 36.7642, -2.6148, 'Europe/Madrid'],
  ['Oulu', 65.0121, 25.4651, 'Europe/Helsinki'],
  ['Saint-Quentin', 49.8466, 3.2874, 'Europe/Paris'],
  ['Limerick', 52.6638, -8.6267, 'Europe/Dublin'],
  ['Ventspils', 57.3937, 21.5647, 'Europe/Riga'],
  ['Portalegre', 39.2967, -7.4285, 'Europe/Lisbon'],
] as const;
/** EU law: the clocks change on the last Sundays of March and October, in the night that begins on the Saturday. */
const FORWARD = ['2026-03-28', '2027-03-27', '2028-03-25', '2029-03-24', '2030-03-30'];
const BACK = ['2026-10-24', '2027-10-30', '2028-10-28', '2029-10-27', '2030-10-26'];
const NIGHTS = 1826;

const clock = (time: string) => ({ anchor: { kind: 'clock', time } as const, offsetMinutes: 0 });
const PART_NIGHT: ControlProgram = {
  activePeriods: [
    { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
  ],
  switchPoints: [
    { at: clock('23:00'), levelPercent: 50, fadeS: 60 },
    { at: clock('05:00'), levelPercent: 100, fadeS: 10 },
  ],
  minimumLevelPercent: 0,
};

describe('every night of 2026 to 2030', () => {
  it.each(CITIES)(
    'in %s: none missing, none doubled, the clocks’ changes right, lit whenever it is dark',
    (_name, latitude, longitude, timeZone) => {
      const place = { latitude, longitude, timeZone };
      const lengths = new Map<number, string[]>();
      let endMs: number | undefined;
      for (let day = 0; day < NIGHTS; day += 1) {
        const date = addDays('2026-01-01', day);
        const night = nightOf(place, date);
        expect(night.startMs).toBe(endMs ?? night.startMs);
        ({ endMs } = night);
        const hours = (night.endMs - night.startMs) / 3_600_000;
        lengths.set(hours, [...(lengths.get(hours) ?? []), date]);
        const curve = curveOf(PART_NIGHT, night);
        expect(darkSpans(curve, night)).toEqual([]);
        const points = nightPoints(curve);
        expect(points.every(({ atS }, index) => index === 0 || atS > (points[index - 1]?.atS ?? 0))).toBe(true);
        // Wall time is kept on every night, also on those on which the clocks change: 23:00 is 23:00 where the lamp is lit by then.
        const dimmed = points.find(({ levelPercent }) => levelPercent === 50);
        const wallMs = instantOfWallTime(date, 23 * 60, timeZone);
        if (dimmed !== undefined && points[1]?.levelPercent === 100) expect(dimmed.atS).toBe(wallMs / 1000);
      }
      expect(lengths.get(23)).toEqual(FORWARD);
      expect(lengths.get(25)).toEqual(BACK);
      expect(lengths.get(24)).toHaveLength(NIGHTS - FORWARD.length - BACK.length);
    },
  );
});
