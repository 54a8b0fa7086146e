import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FixedClock } from '#libs/testing';
import { DeviceClock } from './device-clock.js';

const startMs = Date.parse('2026-11-24T18:00:00Z');

describe("a device's clock", () => {
  it('is right until it is set wrong, and then gains', () => {
    const trueClock = new FixedClock(startMs);
    const clock = new DeviceClock(trueClock);
    trueClock.advance(86_400_000);
    expect(clock.nowMs()).toBe(trueClock.nowMs());
    clock.set({ offsetMs: 500, driftPpm: 20 }, trueClock.nowMs());
    trueClock.advance(86_400_000);
    expect(clock.nowMs() - trueClock.nowMs()).toBe(500 + 1728);
    expect(clock.driftPpm).toBeCloseTo(20);
  });

  it('knows the first true millisecond at which it shows an instant', () => {
    const drift = fc.double({ min: -100_000, max: 100_000, noNaN: true });
    const offset = fc.integer({ min: -1e10, max: 1e10 });
    fc.assert(
      fc.property(offset, drift, fc.integer({ min: -1e9, max: 1e9 }), (offsetMs, driftPpm, after) => {
        const clock = new DeviceClock(new FixedClock(startMs), { offsetMs, driftPpm });
        const trueMs = clock.trueMsOf(startMs + after);
        expect(clock.at(trueMs)).toBeGreaterThanOrEqual(startMs + after);
        expect(clock.at(trueMs - 1)).toBeLessThan(startMs + after);
      }),
    );
  });

  it('does not stand still or run backwards', () => {
    for (const driftPpm of [-1e6, 1e6, Number.NaN]) {
      expect(() => new DeviceClock(new FixedClock(startMs), { offsetMs: 0, driftPpm })).toThrow(RangeError);
    }
  });
});
