import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import fc from 'fast-check';
import { overrideInForce, planOverride, type OverridePriority, type StandingOverride } from './override.js';

const DAY_MS = 86_400_000;
const nowMs = Date.parse('2026-11-25T18:00:00Z');

describe('planOverride', () => {
  it('begins now when nothing is said, or was said of the past', () => {
    const expiresAtMs = nowMs + 3_600_000;
    expect(planOverride({ startsAtMs: undefined, expiresAtMs }, nowMs)).toEqual({ startsAtMs: nowMs, expiresAtMs });
    expect(planOverride({ startsAtMs: nowMs - 5000, expiresAtMs }, nowMs).startsAtMs).toBe(nowMs);
  });

  it.each([
    [undefined, -1, '/expiresAt'],
    [DAY_MS, DAY_MS, '/expiresAt'],
    [0, 32 * DAY_MS, '/expiresAt'],
    [400 * DAY_MS, 401 * DAY_MS, '/startsAt'],
  ])('refuses start %j, end %j at %s', (start, end, at) => {
    const startsAtMs = start === undefined ? undefined : nowMs + start;
    try {
      planOverride({ startsAtMs, expiresAtMs: nowMs + end }, nowMs);
      throw new Error('not refused');
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect((error as DomainError).faults.map((fault) => fault.at)).toEqual([at]);
    }
  });
});

describe('overrideInForce', () => {
  const override = (id: string, priority: OverridePriority, serial: number, parts = {}): StandingOverride => ({
    ...{ id, priority, serial, startsAtMs: 0, expiresAtMs: 1000, releasedAtMs: undefined },
    ...parts,
  });

  it('is the emergency, whatever is asked for later, and after it again the latest manual one', () => {
    const all = [
      override('a', 'manual', 1),
      override('b', 'emergency', 2, { expiresAtMs: 500 }),
      override('c', 'manual', 3),
    ];
    expect(overrideInForce(all, 100)?.id).toBe('b');
    expect(overrideInForce(all, 500)?.id).toBe('c');
    expect(overrideInForce(all, 1000)).toBeUndefined();
    expect(overrideInForce([override('a', 'manual', 1, { releasedAtMs: 3 })], 5)).toBeUndefined();
  });

  it('does not depend on the order in which they are listed', () => {
    const any = fc.uniqueArray(
      fc.record({
        priority: fc.constantFrom<OverridePriority>('manual', 'emergency'),
        serial: fc.integer({ min: 1, max: 100 }),
        startsAtMs: fc.integer({ min: 0, max: 100 }),
        expiresAtMs: fc.integer({ min: 50, max: 150 }),
      }),
      { selector: ({ serial }) => serial, maxLength: 8 },
    );
    fc.assert(
      fc.property(any, fc.integer({ min: 0, max: 160 }), (list, atMs) => {
        const all = list.map((each) => ({ ...each, id: String(each.serial), releasedAtMs: undefined }));
        expect(overrideInForce([...all].reverse(), atMs)).toBe(overrideInForce(all, atMs));
      }),
    );
  });
});
