import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expectedPowerW, type PowerModel } from './expected-power.js';

const straight: PowerModel = { ratedPowerW: 50, standbyPowerW: 0, powerCurve: [] };

const curves = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 20 }),
    fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 20, maxLength: 20 }),
  )
  .map(([levels, powers]) => {
    const grown = powers.slice(0, levels.length).sort((a, b) => a - b);
    return levels
      .sort((a, b) => a - b)
      .map((levelPercent, index) => ({ levelPercent, powerPercent: grown[index] ?? 100 }));
  });
const models: fc.Arbitrary<PowerModel> = fc.record({
  ratedPowerW: fc.double({ min: 5, max: 1000, noNaN: true }),
  standbyPowerW: fc.double({ min: 0, max: 5, noNaN: true }),
  powerCurve: curves,
});
const level = fc.double({ min: 0, max: 100, noNaN: true });

describe('expectedPowerW', () => {
  it('is a straight line from standby to rated power where no curve is known', () => {
    expect([0, 20, 50, 100].map((percent) => expectedPowerW(percent, straight))).toEqual([0, 10, 25, 50]);
    expect(expectedPowerW(50, { ...straight, standbyPowerW: 2 })).toBe(26);
  });

  it('follows the curve of the driver, straight between its points', () => {
    const powerCurve = [
      { levelPercent: 10, powerPercent: 20 },
      { levelPercent: 50, powerPercent: 60 },
    ];
    const at = (percent: number) => expectedPowerW(percent, { ratedPowerW: 100, standbyPowerW: 1, powerCurve });
    expect([5, 10, 30, 50, 75].map(at)).toEqual([10.5, 20, 40, 60, 80]);
  });

  it('is standby when off, rated at full level, and between the two otherwise', () => {
    fc.assert(
      fc.property(models, level, (model, percent) => {
        expect(expectedPowerW(0, model)).toBe(model.standbyPowerW);
        expect(expectedPowerW(100, model)).toBe(model.ratedPowerW);
        const powerW = expectedPowerW(percent, model);
        expect(powerW).toBeGreaterThanOrEqual(model.standbyPowerW);
        expect(powerW).toBeLessThanOrEqual(model.ratedPowerW);
      }),
    );
  });

  it('never falls as the level grows', () => {
    fc.assert(
      fc.property(models, level, level, (model, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        expect(expectedPowerW(low, model)).toBeLessThanOrEqual(expectedPowerW(high, model) + 1e-9);
      }),
    );
  });
});
