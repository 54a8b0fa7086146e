import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from '#libs/kernel';
import { encodePubacks } from './durable-consumer.js';

describe('encodePubacks', () => {
  it('writes four bytes for each message, as the standard has them', () => {
    expect([...encodePubacks([1, 0xabcd])]).toEqual([0x40, 2, 0, 1, 0x40, 2, 0xab, 0xcd]);
    expect(encodePubacks([])).toHaveLength(0);
  });
});

describe('backoffMs', () => {
  it('stays between half its ceiling and the ceiling, and never above ten seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const ceiling = Math.min(10_000, 100 * 2 ** (attempt - 1));
          const wait = backoffMs(attempt, random);
          expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
          expect(wait).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });
});
