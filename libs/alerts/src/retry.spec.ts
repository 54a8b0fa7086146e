import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERY_STATES, DELIVERY_TRANSITIONS, deliveryAfter } from './delivery-state.js';
import { judgeHttpStatus, judgeSmtpFailure } from './judge-answer.js';
import { nextTry, TRY_FOR_MS } from './retry.js';

const MINUTE = 60_000;

describe('the schedule of tries', () => {
  it('waits 1, 2, 4, … minutes, and an hour at the most', () => {
    const waits = Array.from({ length: 10 }, (_, n) => nextTry(n + 1, 0, TRY_FOR_MS, 0.9999999));
    expect(waits.map((next) => (next.kind === 'retry' ? Math.round(next.dueMs / MINUTE) : 'dead'))).toEqual([
      1, 2, 4, 8, 16, 32, 60, 60, 60, 60,
    ]);
  });

  it('never comes early, is bounded, and ends with a last try at the end of its time', () => {
    const randoms = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 200,
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e12 }), randoms, (startMs, random) => {
        const giveUpAtMs = startMs + TRY_FOR_MS;
        let nowMs = startMs;
        let tries = 1;
        for (; ; tries += 1) {
          const next = nextTry(tries, nowMs, giveUpAtMs, random[tries % 200] as number);
          if (next.kind === 'dead') break;
          const least = Math.min(giveUpAtMs - nowMs, 0.75 * Math.min(60, 2 ** (tries - 1)) * MINUTE);
          expect(next.dueMs - nowMs).toBeGreaterThanOrEqual(Math.floor(least));
          expect(next.dueMs - nowMs).toBeLessThanOrEqual(60 * MINUTE);
          nowMs = next.dueMs;
        }
        expect(nowMs).toBe(giveUpAtMs);
        expect(tries).toBeLessThan(75);
      }),
    );
  });
});

describe('an answer', () => {
  it.each([
    [200, 'accepted'],
    [204, 'accepted'],
    [301, 'refused'],
    [400, 'refused'],
    [404, 'refused'],
    [408, 'delayed'],
    [410, 'refused'],
    [429, 'delayed'],
    [500, 'delayed'],
    [503, 'delayed'],
  ] as const)('of HTTP %i is %s', (status, kind) => {
    expect(judgeHttpStatus(status).kind).toBe(kind);
  });

  it.each([
    [{ message: 'no such user', code: 'EENVELOPE', responseCode: 550 }, 'refused'],
    [{ message: 'spam', code: 'EMESSAGE', responseCode: 554 }, 'refused'],
    [{ message: 'greylisted', code: 'EENVELOPE', responseCode: 451 }, 'delayed'],
    [{ message: 'wrong password', code: 'EAUTH', responseCode: 535 }, 'delayed'],
    [{ message: 'connect ECONNREFUSED', code: 'ESOCKET' }, 'delayed'],
  ] as const)('of SMTP %j is %s', (failure, kind) => {
    expect(judgeSmtpFailure(failure)).toEqual({ kind, problem: `SMTP: ${failure.message}` });
  });
});

describe('the states of a delivery', () => {
  it('end with delivered, and dead ends only when somebody tries again', () => {
    const moves = Object.entries(DELIVERY_TRANSITIONS).flatMap(([event, { from }]) =>
      from.map((state) => [event, state]),
    );
    expect(moves.filter(([, state]) => state === 'delivered' || state === 'collected')).toEqual([]);
    expect(moves.filter(([, state]) => state === 'dead')).toEqual([['retried', 'dead']]);
    for (const state of DELIVERY_STATES)
      expect(deliveryAfter(state, 'accepted')).toBe(state === 'pending' ? 'delivered' : state);
  });
});
