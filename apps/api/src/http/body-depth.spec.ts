import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeeperThan } from './body-depth.js';

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < depth; n++) value = n % 2 === 0 ? [value] : { a: value };
  return value;
}

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
}

describe('the depth of a body', () => {
  it.each([
    [undefined, 0, false],
    ['text', 0, false],
    [[], 0, true],
    [[], 1, false],
    [{ a: [{}] }, 2, true],
    [{ a: [{}] }, 3, false],
  ])('of %j is above %i: %s', (value, max, isDeeper) => {
    expect(isDeeperThan(value, max)).toBe(isDeeper);
  });

  it('is told of what no recursion could walk', () => {
    expect(isDeeperThan(nested(100_000), 64)).toBe(true);
    expect(isDeeperThan(nested(64), 64)).toBe(false);
  });

  it('is what counting by recursion says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(7), (value, max) => {
        expect(isDeeperThan(value, max)).toBe(depthOf(value) > max);
      }),
    );
  });
});
