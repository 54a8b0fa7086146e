import { expect, it } from '@jest/globals';
import { noise } from './noise.js';

it('is the same every time, in [-1, 1), evenly spread, and unlike its neighbours', () => {
  const n = 20_000;
  let [sum, squares, products, last] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const value = noise(7, 29_000_000 + i);
    expect(value).toBe(noise(7, 29_000_000 + i));
    expect(value >= -1 && value < 1).toBe(true);
    sum += value;
    squares += value * value;
    products += value * last;
    last = value;
  }
  expect(Math.abs(sum / n)).toBeLessThan(0.02);
  expect(Math.abs(squares / n - 1 / 3)).toBeLessThan(0.02);
  expect(Math.abs(products / n)).toBeLessThan(0.02);
});
