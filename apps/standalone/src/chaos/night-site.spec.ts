import { describe, expect, it } from '@jest/globals';
import { levelAt, nightCurve } from '#libs/schedules';
import { generateCity } from '#simulators';
import { nightSite } from './night-site.js';

const NIGHT = {
  activePeriods: [
    {
      from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 },
      to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 },
    },
  ],
  switchPoints: [],
  minimumLevelPercent: 0,
} as const;

describe('the place where it is night', () => {
  it.each(['2026-03-20', '2026-06-21', '2026-11-25', '2026-12-31'])(
    'is lit now and in ten hours, at any hour of %s',
    (day) => {
      for (let hour = 0; hour < 24; hour += 0.5) {
        const nowMs = Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000;
        const site = nightSite(nowMs);
        const date = new Intl.DateTimeFormat('sv', { timeZone: site.timeZone }).format(nowMs);
        const curve = nightCurve(NIGHT, site, date);
        expect([day, hour, levelAt(curve, nowMs), levelAt(curve, nowMs + 10 * 3_600_000)]).toEqual([
          ...[day, hour, 100, 100],
        ]);
      }
    },
  );

  it('has all of a city on one side of the date line', () => {
    const sites = Array.from({ length: 48 }, (_, half) =>
      nightSite(Date.parse('2026-11-25T00:00:00Z') + half * 1_800_000),
    );
    const byLongitude = sites.toSorted((a, b) => a.longitude - b.longitude);
    for (const site of [byLongitude.at(0), byLongitude.at(-1)]) {
      const east = generateCity({ seed: 1, lamps: 5_000, site }).lamps.map(({ longitude }) => longitude);
      expect([Math.min(...east) > -180, Math.max(...east) < 180]).toEqual([true, true]);
    }
  });
});
