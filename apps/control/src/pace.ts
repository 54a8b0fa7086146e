import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many through per second of wall time, evenly, with bursts of a tenth of a second. */
export class Pace {
  private nextMs = 0;

  constructor(private readonly perSecond: number) {}

  /** Resolves when it is the caller's turn. */
  async turn(): Promise<void> {
    const nowMs = performance.now();
    const atMs = Math.max(this.nextMs, nowMs - 100);
    this.nextMs = atMs + 1000 / this.perSecond;
    if (atMs > nowMs) await delay(atMs - nowMs);
  }
}
