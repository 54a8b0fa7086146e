import { describe, expect, it } from '@jest/globals';
import { clockOffsetMs, judgeClock } from './clock-judge.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse('2026-11-24T18:00:00Z');
const live = { earliestMs: now, latestMs: now };

describe('judgeClock', () => {
  it.each([
    ['a reading of this moment', now, undefined, live, true],
    ['a reading 23 h old without sentAt', now - 23 * HOUR, undefined, live, true],
    ['a reading 25 h old without sentAt', now - 25 * HOUR, undefined, live, false],
    ['a reading 23 h ahead', now + 23 * HOUR, undefined, live, true],
    ['a reading 25 h ahead', now + 25 * HOUR, undefined, live, false],
    ['a buffered reading of a device whose clock is right', now - 20 * DAY, now, live, true],
    ['a reading older than any device buffers', now - 36 * DAY, now, live, false],
    ['a good reading of a device whose clock is off by now', now, now + 25 * HOUR, live, false],
    [
      'a device that lives in 2000',
      Date.parse('2000-01-01T00:00:00Z'),
      Date.parse('2000-01-01T00:00:05Z'),
      live,
      false,
    ],
  ])('%s', (_name, readingMs, sentAtMs, window, believed) => {
    const problem = judgeClock(readingMs, sentAtMs, window);
    expect(problem === undefined).toBe(believed);
  });

  it('does not take messages that waited in the broker for a clock that is off', () => {
    const afterWeekend = { earliestMs: now - 3 * DAY, latestMs: now };
    expect(judgeClock(now - 3 * DAY + HOUR, now - 3 * DAY + HOUR, afterWeekend)).toBeUndefined();
    expect(judgeClock(now - 3 * DAY + HOUR, undefined, afterWeekend)).toBeUndefined();
    expect(judgeClock(now - 4 * DAY - HOUR, undefined, afterWeekend)).toBeDefined();
  });
});

describe('clockOffsetMs', () => {
  const queued = { earliestMs: now - HOUR, latestMs: now };
  it.each([
    ['a clock that is right', now, live, 0],
    ['one that is ahead', now + HOUR, live, HOUR],
    ['one that is behind', now - HOUR, live, -HOUR],
    ['a message that may have waited in the broker', now - HOUR / 2, queued, 0],
    ['one that cannot have waited for so long', now - 3 * HOUR, queued, -2 * HOUR],
    ['a device that does not say', undefined, live, undefined],
  ])('%s', (_name, sentAtMs, window, offsetMs) => {
    expect(clockOffsetMs(sentAtMs, window)).toBe(offsetMs);
  });
});
