import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '#libs/testing';
import fc from 'fast-check';
import { DeviceClock } from './device-clock.js';

const startMs = Date.parse('2026-11-24T18:00:00Z');

describe('the clock of a device', () => {
  it('is right unless it is put wrong', () => {
    const clock = new DeviceClock(FixedClock.at('2026-11-24T18:00:00Z'));
    expect([clock.nowMs(), clock.at(startMs + 5), clock.trueMsOf(startMs + 5)]).toEqual([
      startMs,
      startMs + 5,
      startMs + 5,
    ]);
  });

  it('knows the first true millisecond at which it shows an instant', () => {
    const setting = fc.record({
      offsetMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      driftPpm: fc.double({ min: -100_000, max: 100_000, noNaN: true }),
    });
    fc.assert(
      fc.property(setting, fc.integer({ min: -1e10, max: 1e10 }), (wrong, afterMs) => {
        const clock = new DeviceClock(new FixedClock(startMs), wrong);
        const ms = clock.trueMsOf(startMs + afterMs);
        expect(clock.at(ms)).toBeGreaterThanOrEqual(startMs + afterMs);
        expect(clock.at(ms - 1)).toBeLessThan(startMs + afterMs);
      }),
    );
  });

  it('refuses what is no clock', () => {
    const clock = new DeviceClock(new FixedClock(startMs));
    for (const wrong of [
      { offsetMs: Number.NaN, driftPpm: 0 },
      { offsetMs: 0, driftPpm: -1e6 },
    ])
      expect(() => clock.set(wrong, startMs)).toThrow(RangeError);
  });
});
