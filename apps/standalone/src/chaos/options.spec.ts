import { describe, expect, it } from '@jest/globals';
import { createRandom } from '#simulators';
import { KINDS, planMoments } from './moments.js';
import { readOptions } from './options.js';

describe('the command line of test:chaos', () => {
  it('has a usual, a short and a long form, and what is said goes before them', () => {
    expect(readOptions([])).toMatchObject({ lamps: 2000, moments: 5, freezeS: 30, kinds: KINDS, seed: 1 });
    expect(readOptions(['--short', '--seed', '7'])).toMatchObject({ lamps: 200, moments: 1, freezeS: 6, seed: 7 });
    expect(readOptions(['--soak', '--lamps', '500'])).toMatchObject({ lamps: 500, moments: 100 });
    expect(readOptions(['--kinds', 'killApi, deadMail'])?.kinds).toEqual(['killApi', 'deadMail']);
    expect(readOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--lamps', '1'], /--lamps takes a number from 50 on/],
    [['--freeze', 'long'], /--freeze takes a number/],
    [['--kinds', 'killAll'], /there is no killAll; there are killIngest/],
    [['--short', '--soak'], /two different things/],
  ])('says what is wrong with %j', (argv, message) => {
    expect(() => readOptions(argv)).toThrow(message);
  });
});

describe('the plan of moments', () => {
  it('has each kind as often, every round in another order, and is the same for a seed', () => {
    const plan = (seed: number) => planMoments(KINDS, 4, 1000, createRandom(seed));
    const kinds = (seed: number) => plan(seed).map(({ kind }) => kind);
    expect(new Set(Object.values(Object.groupBy(kinds(1), (kind) => kind)).map((own) => own?.length))).toEqual(
      new Set([4]),
    );
    expect(kinds(1).slice(0, KINDS.length)).not.toEqual(kinds(1).slice(KINDS.length, 2 * KINDS.length));
    expect(kinds(1)).toEqual(kinds(1));
    expect(kinds(1)).not.toEqual(kinds(2));
    expect(plan(1).every(({ pauseMs }) => pauseMs >= 0 && pauseMs <= 1000)).toBe(true);
    expect(plan(1).map(({ random }) => random.next())).toEqual(plan(1).map(({ random }) => random.next()));
  });
});
