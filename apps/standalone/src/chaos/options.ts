import { parseArgs } from 'node:util';
import { KINDS, type Kind } from './moments.js';

/** How a city is disturbed. Times in seconds. */
export interface ChaosOptions {
  readonly lamps: number;
  readonly reportingIntervalS: number;
  readonly seed: number;
  /** Of each kind. */
  readonly moments: number;
  readonly kinds: readonly Kind[];
  readonly freezeS: number;
  /** The longest pause between two moments. */
  readonly pauseS: number;
  /** How long each thing may take to settle at the end. */
  readonly settleS: number;
  /** Where the report goes as JSON. */
  readonly out: string | undefined;
}

export const USAGE = `npm run test:chaos -- [options]: a simulated city while things are killed, frozen and cut, and the books afterwards.

  --lamps N        lamps of the city (2000)
  --interval S     seconds between two reports of a device (10)
  --moments N      moments of each kind (5)
  --kinds A,B      only these: ${KINDS.join(', ')}
  --freeze S       how long the database is frozen (30)
  --pause S        the longest pause between two moments (5)
  --settle S       how long each thing may take to settle at the end (900)
  --seed N         the same seed makes the same moments (1)
  --out FILE       the report as JSON
  --short          200 lamps, an interval of 5 s, one moment of each kind, frozen for 6 s
  --soak           100 moments of each kind`;

const SHORT = { lamps: '200', interval: '5', moments: '1', freeze: '6', pause: '2', settle: '240' };
const SOAK = { moments: '100', settle: '1800' };
const USUAL = { lamps: '2000', interval: '10', moments: '5', freeze: '30', pause: '5', settle: '900', seed: '1' };

/** Reads the command line; undefined: help was asked for. Throws with words for people when it cannot be read. */
export function readOptions(argv: readonly string[]): ChaosOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ lamps: text, interval: text, moments: text, kinds: text, freeze: text, pause: text, settle: text },
      ...{ seed: text, out: text, short: flag, soak: flag, help: flag },
    },
  });
  if (values.help === true) return undefined;
  if (values.short === true && values.soak === true)
    throw new RangeError('--short and --soak are two different things');
  const all = { ...USUAL, ...(values.short === true ? SHORT : {}), ...(values.soak === true ? SOAK : {}), ...values };
  const number = (name: keyof typeof USUAL, least: number) => {
    const value = Number(all[name]);
    if (!Number.isFinite(value) || value < least) throw new RangeError(`--${name} takes a number from ${least} on`);
    return value;
  };
  return {
    lamps: Math.round(number('lamps', 50)),
    reportingIntervalS: Math.round(number('interval', 1)),
    seed: Math.round(number('seed', 0)),
    moments: Math.round(number('moments', 0)),
    kinds: values.kinds === undefined ? KINDS : kindsOf(values.kinds),
    freezeS: number('freeze', 1),
    pauseS: number('pause', 0),
    settleS: number('settle', 1),
    out: values.out,
  };
}

function kindsOf(text: string): Kind[] {
  return text.split(',').map((name) => {
    const kind = KINDS.find((each) => each === name.trim());
    if (kind === undefined) throw new RangeError(`--kinds: there is no ${name}; there are ${KINDS.join(', ')}`);
    return kind;
  });
}
