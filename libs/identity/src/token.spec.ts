import { describe, expect, it } from '@jest/globals';
import { addressKey, nextTryMs } from './sign-in-pace.js';
import { hashToken, isSameSecret, newToken, tokenHint, tokenKind } from './token.js';

describe('tokens', () => {
  it.each(['access', 'refresh', 'key', 'confirmation', 'code'] as const)('of kind %s say what they are', (kind) => {
    const token = newToken(kind);
    expect(tokenKind(token)).toBe(kind);
    expect(tokenKind(`${token}x`)).toBeUndefined();
    expect(tokenKind(token.slice(1))).toBeUndefined();
    expect(hashToken(token)).toHaveLength(32);
    expect(token.startsWith(tokenHint(token))).toBe(true);
    expect(tokenHint(token).length).toBeLessThan(12);
  });

  it('are compared whole', () => {
    expect(isSameSecret(Buffer.from('abc'), Buffer.from('abc'))).toBe(true);
    expect(isSameSecret(Buffer.from('abc'), Buffer.from('abd'))).toBe(false);
    expect(isSameSecret(Buffer.from('abc'), Buffer.from('ab'))).toBe(false);
  });
});

describe('the pace of sign-ins', () => {
  const waitS = (by: 'pair' | 'address' | 'account', failures: number) =>
    Math.max(0, nextTryMs(by, { failures, lastMs: 1_000_000 }) - 1_000_000) / 1000;

  it('lets people mistype, and then doubles up to a quarter of an hour', () => {
    expect(nextTryMs('pair', undefined)).toBe(0);
    expect([4, 5, 6, 9, 14, 15, 1e6].map((failures) => waitS('pair', failures))).toEqual([0, 1, 2, 16, 512, 900, 900]);
  });

  it('never lets an account as such wait for more than half a minute', () => {
    expect([19, 20, 24, 25, 1e6].map((failures) => waitS('account', failures))).toEqual([0, 1, 16, 30, 30]);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1::9', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
