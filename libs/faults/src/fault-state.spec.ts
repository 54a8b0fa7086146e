import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  advanceFault,
  holdOffMs,
  type FaultEvent,
  type FaultPolicy,
  type FaultSignal,
  type FaultState,
} from './fault-state.js';

const MINUTE_MS = 60_000;
const policy: FaultPolicy = {
  holdOnMs: 10 * MINUTE_MS,
  sightings: 2,
  holdOffMs: 15 * MINUTE_MS,
  reopenWithinMs: 120 * MINUTE_MS,
};

/** Walks observations `[minute, signal]` and lists the events with their minutes. */
function walk(observations: readonly (readonly [number, FaultSignal])[]) {
  let state: FaultState | undefined;
  const events: string[] = [];
  for (const [minute, signal] of observations) {
    const step = advanceFault(state, signal, minute * MINUTE_MS, policy);
    state = step.state;
    if (step.event !== undefined) events.push(`${step.event} ${minute}`);
  }
  return { state, events };
}

describe('the life of a fault', () => {
  it('opens when it has held, clears when it has been absent, closes after the window', () => {
    const { state, events } = walk([
      ...([
        [0, 'active'],
        [5, 'active'],
        [10, 'active'],
        [20, 'clear'],
        [30, 'clear'],
        [35, 'clear'],
        [100, 'unknown'],
        [155, 'unknown'],
      ] as const),
    ]);
    expect(events).toEqual(['opened 10', 'cleared 35', 'closed 155']);
    expect(state?.phase).toBe('closed');
  });

  it('does not open on one reading, however old, nor on a suspicion that did not hold', () => {
    expect(
      walk([
        [0, 'active'],
        [60, 'unknown'],
      ]).events,
    ).toEqual([]);
    expect(
      walk([
        [0, 'active'],
        [5, 'clear'],
        [9, 'active'],
        [12, 'active'],
      ]),
    ).toMatchObject({ events: [], state: { phase: 'suspected' } });
  });

  it('is not gone because nobody can judge it', () => {
    expect(
      walk([
        [0, 'active'],
        [10, 'active'],
        [20, 'unknown'],
        [900, 'unknown'],
      ]).state?.phase,
    ).toBe('open');
    // By day a failed lamp is not seen; the clear look of one evening has to hold.
    expect(
      walk([
        [0, 'active'],
        [10, 'active'],
        [20, 'clear'],
        [30, 'active'],
        [40, 'clear'],
      ]).state?.phase,
    ).toBe('open');
  });

  it('comes back as the same fault, and stays open longer each time', () => {
    const { state, events } = walk([
      [0, 'active'],
      [10, 'active'],
      [20, 'clear'],
      [35, 'clear'],
      [55, 'active'],
      [60, 'active'],
      [70, 'clear'],
      [90, 'clear'],
      [100, 'clear'],
    ]);
    expect(events).toEqual(['opened 10', 'cleared 35', 'reopened 60', 'cleared 100']);
    expect(state?.reopenings).toBe(1);
    expect(holdOffMs({ reopenings: 50 }, policy)).toBe(16 * policy.holdOffMs);
  });

  it('does not come back on one reading, any more than it opens on one', () => {
    const gone = [
      [0, 'active'],
      [10, 'active'],
      [20, 'clear'],
      [35, 'clear'],
    ] as const;
    expect(walk([...gone, [60, 'active'], [65, 'clear'], [70, 'active'], [80, 'unknown']])).toMatchObject({
      events: ['opened 10', 'cleared 35'],
      state: { phase: 'cleared', sightings: 1 },
    });
    // What nobody could judge in between does not count against it.
    expect(walk([...gone, [60, 'active'], [65, 'unknown'], [70, 'active']]).events.at(-1)).toBe('reopened 70');
  });

  const observations = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom<FaultSignal>('active', 'clear', 'unknown')), {
      maxLength: 60,
    })
    .map((steps) => {
      let minute = 0;
      return steps.map(([gap, signal]) => [(minute += gap), signal] as const);
    });
  const FOLLOWS: Readonly<Record<FaultEvent, readonly string[]>> = {
    opened: ['', 'closed'],
    cleared: ['opened', 'reopened'],
    reopened: ['cleared'],
    closed: ['cleared'],
  };

  it('tells its events in order, whatever is seen', () => {
    fc.assert(
      fc.property(observations, (list) => {
        let before = '';
        for (const event of walk(list).events.map((each) => each.split(' ')[0] as FaultEvent)) {
          expect(FOLLOWS[event]).toContain(before);
          before = event;
        }
      }),
    );
  });

  it('is not changed by an observation that is repeated or comes late', () => {
    fc.assert(
      fc.property(observations, fc.constantFrom<FaultSignal>('active', 'clear', 'unknown'), (list, signal) => {
        const { state } = walk(list);
        if (state === undefined || state.phase === 'closed') return;
        expect(advanceFault(state, signal, state.seenLastMs - 1, policy)).toEqual({ state, event: undefined });
        const last = list.at(-1);
        if (last === undefined || state.phase === 'cleared') return;
        const again = advanceFault(state, last[1], last[0] * MINUTE_MS, policy);
        expect([again.state, again.event]).toEqual([state, undefined]);
      }),
    );
  });
});
