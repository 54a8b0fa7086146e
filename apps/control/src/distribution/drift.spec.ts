import { describe, expect, it } from '@jest/globals';
import { publishReason } from './drift.js';

const row = (parts: object) => ({
  ...{
    device: 'd',
    desiredHash: 'a',
    publishedHash: 'a',
    publishedAtMs: 0,
    reportedHash: 'a',
    resends: 0,
    online: true,
  },
  ...parts,
});

describe('publishReason', () => {
  it.each([
    [undefined, 0, 'new'],
    [row({ publishedHash: 'b' }), 0, 'new'],
    [row({ publishedHash: null, publishedAtMs: null }), 0, 'new'],
    [row({}), 1e9, undefined],
    [row({ reportedHash: 'b' }), 59_999, undefined],
    [row({ reportedHash: 'b' }), 60_000, 'drifted'],
    [row({ reportedHash: null }), 60_000, 'drifted'],
    [row({ reportedHash: 'b', resends: 1 }), 179_999, undefined],
    [row({ reportedHash: 'b', resends: 1 }), 180_000, 'drifted'],
    // An hour apart in the end.
    [row({ reportedHash: 'b', resends: 6 }), 63 * 60_000 + 3_599_999, undefined],
    [row({ reportedHash: 'b', resends: 6 }), 63 * 60_000 + 3_600_000, 'drifted'],
    // It gets the retained message when it returns.
    [row({ reportedHash: 'b', online: false }), 1e9, undefined],
    [row({ reportedHash: 'b', online: null }), 1e9, undefined],
  ])('of %j at %i: %j', (known, nowMs, expected) => {
    expect(publishReason(known, 'a', nowMs, 1)).toBe(expected);
  });

  it('gives a network seconds of wall time, however fast the city runs', () => {
    expect(publishReason(row({ reportedHash: 'b' }), 'a', 100_000, 600)).toBeUndefined();
  });
});
