import { parseArgs } from 'node:util';

export interface FuzzOptions {
  /** Requests and messages together. */
  readonly cases: number;
  readonly seed: number;
  readonly only: 'rest' | 'mqtt' | undefined;
  /** Where the report goes as JSON. */
  readonly out: string | undefined;
}

export const USAGE = `npm run test:fuzz -- [options]: bent requests and messages against the four processes, a real database and a real broker.

  --cases N        requests and messages together (1000000)
  --seed N         the same seed makes the same cases (drawn, and printed)
  --only rest|mqtt only requests, or only messages
  --out FILE       the report as JSON

A failure is printed with the seed, the number of its case, the request, and the smallest request that still fails.`;

/** Reads the command line; undefined: help was asked for. Throws with words for people when it cannot be read. */
export function readOptions(argv: readonly string[], drawnSeed: number): FuzzOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { cases: text, seed: text, only: text, out: text, help: { type: 'boolean' } },
  });
  if (values.help === true) return undefined;
  const { only } = values;
  if (only !== undefined && only !== 'rest' && only !== 'mqtt') throw new RangeError('--only takes rest or mqtt');
  return {
    cases: whole('cases', values.cases ?? '1000000', 1_000),
    seed: whole('seed', values.seed ?? String(drawnSeed), 0),
    only,
    out: values.out,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`--${name} takes a whole number from ${least} on`);
  return value;
}
