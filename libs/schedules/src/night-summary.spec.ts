import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { places, programs } from '../test/arbitraries.js';
import { nightCurve } from './night-curve.js';
import { nightSummary } from './night-summary.js';

it('a night of full light at the equator burns for the twelve hours that it is dark', () => {
  const full = {
    activePeriods: [
      { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
    ],
    switchPoints: [],
    minimumLevelPercent: 0,
  } as const;
  const quito = { latitude: -0.1807, longitude: -78.4678, timeZone: 'America/Guayaquil' };
  const { burningHours, fullLevelHours, switchOns } = nightSummary(nightCurve(full, quito, '2026-03-20'));
  // Refraction and the sun's radius take some minutes off twelve hours.
  expect(burningHours).toBeCloseTo(11.88, 1);
  expect(fullLevelHours).toBe(burningHours);
  expect(switchOns).toBe(1);
});

it('never burns for longer than the night, nor more than at full level', () => {
  fc.assert(
    fc.property(programs, places, (program, place) => {
      const curve = nightCurve(program, place, '2026-11-25');
      const { burningHours, fullLevelHours, switchOns } = nightSummary(curve);
      expect(burningHours).toBeLessThanOrEqual((curve.endMs - curve.startMs) / 3_600_000);
      expect(fullLevelHours).toBeLessThanOrEqual(burningHours + 1e-9);
      expect(switchOns).toBeLessThanOrEqual(curve.segments.length);
    }),
  );
});
