import type { City } from '../city/city.js';
import type { Random } from '../random.js';
import type { FaultInjection } from './fault-injection.js';

export interface ScenarioContext {
  readonly city: City;
  readonly startMs: number;
  readonly random: Random;
}

/** A story of what goes wrong in any city; the same seed tells it in the same way. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly injections: (context: ScenarioContext) => readonly FaultInjection[];
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Some of a list, each once; all of it when it has no more. */
export function some<T>(random: Random, list: readonly T[], count: number): readonly T[] {
  return list
    .map((item) => ({ item, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ item }) => item);
}

/** So many of a list as make a share of it, and at least one. */
export function share(list: readonly unknown[], of: number): number {
  return Math.max(1, Math.round(of * list.length));
}

/** A whole second between two times after the start, ms since the epoch. */
export function instantBetween({ random, startMs }: ScenarioContext, fromMs: number, toMs: number): number {
  return startMs + 1000 * random.integer(Math.ceil(fromMs / 1000), Math.floor(toMs / 1000));
}
