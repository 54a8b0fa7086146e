import { describe, expect, it } from '@jest/globals';
import type { LampOverride } from '#libs/storage';
import { lastAsked } from './wanted.js';

const override = (startsAtMs: number, endsAtMs: number, fadeS: number): LampOverride => ({
  ...{ lampId: 1, levelPercent: 60, priority: 1, serial: 1 },
  ...{ startsAtMs, endsAtMs, fadeS },
});

describe('when a lamp was last asked for another level', () => {
  it.each([
    [50, undefined],
    [100, { atMs: 100, fadeS: 2 }],
    [250, { atMs: 200, fadeS: 2 }],
    [300, { atMs: 300, fadeS: 5 }],
    [9_000, { atMs: 400, fadeS: 5 }],
  ])('a reading of %i ms: %j', (atMs, asked) => {
    expect(lastAsked(atMs, [override(300, 400, 5), override(100, 200, 2)])).toEqual(asked);
  });

  it('is never where there is no override', () => {
    expect(lastAsked(100, [])).toBeUndefined();
  });
});
