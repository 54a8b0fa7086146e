import { describe, expect, it } from '@jest/globals';
import { createRandom } from './random.js';

const draw = (random: { next(): number }, count: number) => Array.from({ length: count }, () => random.next());

describe('random numbers', () => {
  it('are the same for the same seed, and others for others', () => {
    expect(draw(createRandom(7), 50)).toEqual(draw(createRandom(7), 50));
    expect(draw(createRandom(7), 50)).not.toEqual(draw(createRandom(8), 50));
  });

  it('are spread evenly over [0, 1)', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const value of draw(createRandom(1), 100_000)) {
      expect(value >= 0 && value < 1).toBe(true);
      tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('include both ends of whole numbers', () => {
    const random = createRandom(3);
    expect(new Set(Array.from({ length: 200 }, () => random.integer(2, 4)))).toEqual(new Set([2, 3, 4]));
  });

  it('fork into streams that do not move each other', () => {
    const drawnFrom = createRandom(5);
    draw(drawnFrom, 10);
    expect(draw(drawnFrom.fork('a'), 20)).toEqual(draw(createRandom(5).fork('a'), 20));
    expect(draw(createRandom(5).fork('a'), 20)).not.toEqual(draw(createRandom(5).fork('b'), 20));
  });

  it('pick nothing from nothing', () => {
    expect(() => createRandom(1).pick([])).toThrow(RangeError);
  });
});
