import type { Random } from '#simulators';

/** What is done to Felinar, its servers, its network and its devices. */
export const KINDS = [
  'killIngest',
  'killControl',
  'killMonitor',
  'killApi',
  'restartBroker',
  'restartDatabase',
  'killDatabase',
  'freezeDatabase',
  'dropNetwork',
  'delayNetwork',
  'resetNetwork',
  'halveNetwork',
  'deadMail',
  'wrongClocks',
] as const;
export type Kind = (typeof KINDS)[number];

/** One thing that is done, after a pause. */
export interface Moment {
  readonly kind: Kind;
  readonly pauseMs: number;
  /** Draws whatever else is left to chance in it. */
  readonly random: Random;
}

/** So many moments of each kind, in rounds: each round has every kind once, in an order of its own. The same seed gives the same. */
export function planMoments(kinds: readonly Kind[], times: number, maxPauseMs: number, random: Random): Moment[] {
  return Array.from({ length: times }, (_, round) => {
    const ofRound = random.fork(`round ${round}`);
    return shuffled(kinds, ofRound).map((kind) => ({
      kind,
      pauseMs: Math.round(ofRound.between(0, maxPauseMs)),
      random: ofRound.fork(kind),
    }));
  }).flat();
}

/** All of a list, in an order left to chance. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((item) => ({ item, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
