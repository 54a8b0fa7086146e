import { describe, expect, it } from '@jest/globals';
import { acknowledgeWithin, confirmWithin, deliveryPolicy } from './delivery-policy.js';
import { confirms, judgeDue, type DueCommand } from './judge-command.js';

const policy = deliveryPolicy(1);
const due = (parts: Partial<DueCommand>): DueCommand => ({
  state: 'queued',
  attempts: 0,
  expiresAtMs: 1000,
  levelPercent: 70,
  reportedLevelPercent: null,
  ...parts,
});

describe('judgeDue', () => {
  it('sends until the tries are used up, then says what to look at', () => {
    for (let attempts = 0; attempts < policy.maxAttempts; attempts += 1) {
      expect(judgeDue(due({ attempts, state: 'sent' }), 0, policy)).toEqual({ kind: 'send' });
    }
    expect(judgeDue(due({ attempts: 5, state: 'sent' }), 0, policy)).toEqual({
      kind: 'giveUp',
      problem: 'sent 5 times, and the device does not answer: look at its link',
    });
    expect(judgeDue(due({ attempts: 5, state: 'acknowledged', reportedLevelPercent: 40 }), 0, policy)).toEqual({
      kind: 'giveUp',
      problem: 'the device obeyed 5 times, but the lamp shows 40 % instead of 70 %: look at its driver',
    });
  });

  it('sends nothing at its expiry or later', () => {
    expect(judgeDue(due({}), 999, policy).kind).toBe('send');
    for (const nowMs of [1000, 5000]) expect(judgeDue(due({}), nowMs, policy).kind).toBe('expire');
  });
});

describe('waiting times', () => {
  it('double, up to a bound', () => {
    expect([1, 2, 3, 6, 50].map((attempt) => acknowledgeWithin(policy, attempt) / 1000)).toEqual([
      30, 60, 120, 600, 600,
    ]);
  });

  it('never get shorter than seconds of wall time, however fast the city runs', () => {
    expect(acknowledgeWithin(deliveryPolicy(600), 1) / 600).toBe(5_000);
    expect(confirmWithin(policy, 60, 300)).toBe(60_000 + 600_000 + 30_000);
  });
});

describe('confirms', () => {
  const limits = { minLevelPercent: 10, ratedPowerW: 50, standbyPowerW: 0.5 };
  const report = (parts: object) => ({ lightLevelPercent: null, levelReason: null, activePowerW: null, ...parts });

  it.each([
    [70, { lightLevelPercent: 70 }, true],
    [70, { lightLevelPercent: 67.5 }, true],
    [70, { lightLevelPercent: 100 }, false],
    [0, { lightLevelPercent: 0 }, true],
    [0, { lightLevelPercent: 2 }, false],
    // The driver cannot hold less than 10 %.
    [5, { lightLevelPercent: 10 }, true],
    [5, { lightLevelPercent: 5 }, false],
    // No level reported: lit or not is all that power tells.
    [70, { activePowerW: 35 }, true],
    [70, { activePowerW: 0.6 }, false],
    [0, { activePowerW: 0.6 }, true],
    [70, {}, false],
    [null, { levelReason: 'override', lightLevelPercent: 70 }, false],
    [null, { levelReason: 'calendar', lightLevelPercent: 70 }, true],
    [null, { lightLevelPercent: 70 }, true],
  ])('of %j by %j: %j', (level, parts, expected) => {
    expect(confirms(level, report(parts), limits)).toBe(expected);
  });
});
