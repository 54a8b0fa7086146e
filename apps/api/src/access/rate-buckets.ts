interface Bucket {
  tokens: number;
  atMs: number;
}

/** More askers than these are not told apart: who has not asked for the longest time begins anew. */
const MAX_BUCKETS = 50_000;
const MINUTE_MS = 60_000;

/** Token buckets: each asker may ask so often in a minute, at once or spread over it. */
export class RateBuckets {
  /** In the order of their last use. */
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly maxBuckets = MAX_BUCKETS) {}

  /** Takes one of the asker's requests away. Answers how long to wait for the next, s: 0 when this one may be answered. */
  take(asker: string, perMinute: number, nowMs: number): number {
    const perMs = perMinute / MINUTE_MS;
    const last = this.buckets.get(asker);
    const tokens =
      last === undefined ? perMinute : Math.min(perMinute, last.tokens + Math.max(0, nowMs - last.atMs) * perMs);
    const isAllowed = tokens >= 1;
    this.buckets.delete(asker);
    this.buckets.set(asker, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    if (this.buckets.size > this.maxBuckets) this.forgetOldest();
    return isAllowed ? 0 : (1 - tokens) / perMs / 1000;
  }

  get size(): number {
    return this.buckets.size;
  }

  private forgetOldest(): void {
    for (const oldest of this.buckets.keys()) {
      this.buckets.delete(oldest);
      return;
    }
  }
}
