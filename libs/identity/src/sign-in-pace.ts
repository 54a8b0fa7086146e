/** Failed sign-ins of one account, one address, or an account from an address. */
export interface FailedSignIns {
  readonly failures: number;
  readonly lastMs: number;
}

/** Whose failures are counted: `pair` is an account from one address. */
export type CountedBy = 'pair' | 'address' | 'account';

interface Rule {
  /** Failures that cost nothing: people mistype. */
  readonly free: number;
  readonly longestS: number;
}

/**
 * The wait doubles with every failure beyond the free ones. An account that is attacked from many addresses waits half a minute at the
 * most, and not at all at an address from which its owner has signed in before: no attacker keeps anybody out for good.
 */
const RULES: Record<CountedBy, Rule> = {
  pair: { free: 5, longestS: 15 * 60 },
  address: { free: 30, longestS: 15 * 60 },
  account: { free: 20, longestS: 30 },
};

/** Failures are forgotten so long after the last one, ms. */
export const FORGOTTEN_AFTER_MS = 24 * 3_600_000;

/** When the next try is looked at, ms; in the past: at once. */
export function nextTryMs(by: CountedBy, failed: FailedSignIns | undefined): number {
  if (failed === undefined) return 0;
  const { free, longestS } = RULES[by];
  const beyond = failed.failures - free;
  return beyond < 0 ? 0 : failed.lastMs + Math.min(2 ** Math.min(beyond, 30), longestS) * 1000;
}

/** The part of an address by which people are told apart: of IPv6 the first 64 bits, of which one customer has all. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const parts = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${parts
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`;
}
