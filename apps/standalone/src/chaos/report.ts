import { KINDS, type Kind } from './moments.js';
import type { BookLine } from './books/book-line.js';

/** What came of one moment. */
export interface Outcome {
  readonly kind: Kind;
  /** Seconds into the run. */
  readonly atS: number;
  readonly what: string;
  /** From the end of its cause until all worked again; undefined: not within the time. */
  readonly recoveryMs: number | undefined;
}

export interface KindRow {
  readonly kind: Kind;
  readonly moments: number;
  readonly medianS: number | undefined;
  readonly worstS: number | undefined;
  /** From which the city did not recover in time. */
  readonly violations: number;
}

export interface Report {
  readonly seed: number;
  readonly lamps: number;
  readonly seconds: number;
  readonly kinds: readonly KindRow[];
  readonly books: readonly BookLine[];
  readonly moments: readonly Outcome[];
  readonly balances: boolean;
}

/** All of it together. Pure. */
export function reportOf(
  head: Pick<Report, 'seed' | 'lamps' | 'seconds'>,
  moments: readonly Outcome[],
  books: readonly BookLine[],
): Report {
  const kinds = KINDS.flatMap((kind) => {
    const own = moments.filter((each) => each.kind === kind);
    return own.length === 0 ? [] : [rowOf(kind, own)];
  });
  const balances = books.every((each) => each.balances) && kinds.every(({ violations }) => violations === 0);
  return { ...head, kinds, books, moments, balances };
}

/** For people. */
export function printReport(
  { kinds, books, balances, seed, lamps, seconds }: Report,
  say: (line: string) => void,
): void {
  say(`\n${lamps} lamps, seed ${seed}, ${seconds} s`);
  console.table(kinds);
  console.table(books.map(({ book, what, wanted, found, balances: fits }) => ({ book, what, wanted, found, fits })));
  for (const { book, what, notes, balances: fits } of books) {
    for (const note of notes) say(`${fits ? '      ' : 'WRONG '} ${book}, ${what}: ${note}`);
  }
  say(balances ? '\nAll books balance.' : '\nNot all books balance: look at the lines marked WRONG.');
}

function rowOf(kind: Kind, own: readonly Outcome[]): KindRow {
  const times = own.flatMap(({ recoveryMs }) => (recoveryMs === undefined ? [] : [recoveryMs])).sort((a, b) => a - b);
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms / 100) / 10);
  return {
    kind,
    moments: own.length,
    medianS: seconds(times[Math.floor(times.length / 2)]),
    worstS: seconds(times.at(-1)),
    violations: own.length - times.length,
  };
}
