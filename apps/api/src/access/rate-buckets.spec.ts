import { describe, expect, it } from '@jest/globals';
import { RateBuckets } from './rate-buckets.js';

describe('rate buckets', () => {
  it('let so many through in a minute, and say when the next one may come', () => {
    const buckets = new RateBuckets();
    const taken = Array.from({ length: 61 }, () => buckets.take('a', 60, 0));
    expect(taken.filter((waitS) => waitS === 0)).toHaveLength(60);
    expect(taken.at(-1)).toBeCloseTo(1);
    expect(buckets.take('a', 60, 500)).toBeCloseTo(0.5);
    expect(buckets.take('a', 60, 1_000)).toBe(0);
    expect(buckets.take('a', 60, 1_000)).toBeCloseTo(1);
  });

  it('tell askers apart, and never save up more than a minute', () => {
    const buckets = new RateBuckets();
    expect([buckets.take('a', 1, 0), buckets.take('b', 1, 0)]).toEqual([0, 0]);
    expect([buckets.take('a', 1, 3_600_000), buckets.take('a', 1, 3_600_000)]).toEqual([0, 60]);
  });

  it('are not paid by a clock that goes back', () => {
    const buckets = new RateBuckets();
    buckets.take('a', 1, 60_000);
    expect(buckets.take('a', 1, 0)).toBe(60);
  });

  it('are bounded', () => {
    const buckets = new RateBuckets(2);
    for (const asker of ['a', 'b', 'c']) buckets.take(asker, 1, 0);
    expect(buckets.size).toBe(2);
    expect([buckets.take('c', 1, 0), buckets.take('a', 1, 0)]).toEqual([60, 0]);
  });
});
