import { expect, it } from '@jest/globals';
import { litEnergyJ, litPowerW } from './driver-curve.js';

const spec = {
  ratedPowerW: 80,
  standbyPowerW: 0.5,
  minLevelPercent: 10,
  powerFactor: 0.97,
  seed: 42,
  latitude: 47.75,
  longitude: 26.67,
};

it.each([1e-4, 1e-3, 1, 59.9, 60.1, 300, 5000])('loses no digits over a fade of %d s', (h) => {
  const powerAt = (s: number): number => litPowerW(spec, 10 + (90 * s) / h, 7 + s);
  const steps = 2000;
  let sum = powerAt(0) + powerAt(h);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * powerAt((i * h) / steps);
  const simpson = (sum * h) / steps / 3;
  expect(Math.abs(litEnergyJ(spec, 10, 100, 7, h) / simpson - 1)).toBeLessThan(1e-11);
});
