import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { energyBetween, plausiblePowerW, registerDelta } from './register.js';

const HOUR = 3_600_000;
const at = (hours: number, activeEnergyWh: number) => ({ timeMs: hours * HOUR, activeEnergyWh });

describe('registerDelta', () => {
  it.each([
    ['growth', at(0, 100), at(1, 150), 50, 'normal'],
    ['standing still', at(0, 100), at(1, 100), 0, 'normal'],
    ['a coarse meter that counts kilowatt-hours', at(0, 4000), at(0.25, 5000), 1000, 'normal'],
    ['a reset to zero', at(0, 183_250), at(1, 40), 40, 'reset'],
    ['a meter replaced by a used one', at(0, 1000), at(1, 52_000), 0, 'implausible'],
    ['a meter replaced by one that holds less', at(0, 100_000), at(1, 52_000), 0, 'implausible'],
    ['a long gap', at(0, 1000), at(1000, 61_000), 60_000, 'normal'],
  ])('%s', (_name, previous, next, deltaWh, step) => {
    expect(registerDelta(previous, next, plausiblePowerW(60))).toEqual({ deltaWh, step });
  });

  it('does not let a glitch and its return count as energy', () => {
    const readings = [at(0, 5000), at(1, 9_999_999), at(2, 5100), at(3, 5150)];
    expect(energyBetween(readings, 0, 3 * HOUR, 120)).toBe(50);
  });
});

describe('energyBetween', () => {
  const histories = fc
    .array(
      fc.tuple(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constant(-1)),
      ),
      {
        minLength: 2,
        maxLength: 30,
      },
    )
    .map((steps) => {
      let timeMs = 0;
      let activeEnergyWh = 200;
      return steps.map(([stepMs, change]) => {
        timeMs += stepMs;
        activeEnergyWh = change < 0 ? 0 : activeEnergyWh + change;
        return { timeMs, activeEnergyWh };
      });
    });

  it('adds up: the parts of any partition of a period make the whole', () => {
    fc.assert(
      fc.property(
        histories,
        fc.array(fc.integer({ min: 0, max: 150_000_000 }), { maxLength: 20 }),
        (readings, cuts) => {
          const bounds = [-1, ...cuts, 150_000_001].sort((a, b) => a - b);
          const parts = bounds.slice(1).map((end, index) => energyBetween(readings, bounds[index] ?? 0, end, 120));
          expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(
            energyBetween(readings, -1, 150_000_001, 120),
            6,
          );
          expect(parts.every((part) => part >= 0)).toBe(true);
        },
      ),
    );
  });

  it('is the difference of the registers when nothing was reset', () => {
    const readings = Array.from({ length: 20 }, (_, n) => at(n, 1000 + n * n));
    expect(energyBetween(readings, 0, 19 * HOUR, 120)).toBeCloseTo(361, 9);
    expect(energyBetween(readings, 18.5 * HOUR, 19 * HOUR, 120)).toBeCloseTo(18.5, 9);
  });
});
