/** One line of a book: two numbers that have to agree. */
export interface BookLine {
  readonly book: 'readings' | 'commands' | 'faults and alerts' | 'energy' | 'processes';
  readonly what: string;
  readonly wanted: number;
  readonly found: number;
  readonly balances: boolean;
  /** What does not agree, some of it; or what else is worth knowing. */
  readonly notes: readonly string[];
}

const NOTES_SHOWN = 8;

/** A line whose numbers have to be the same. */
export function line(
  book: BookLine['book'],
  what: string,
  wanted: number,
  found: number,
  notes: readonly string[] = [],
): BookLine {
  return { book, what, wanted, found, balances: wanted === found, notes: some(notes) };
}

/** A line of what there must be none of. */
export function none(book: BookLine['book'], what: string, found: readonly string[]): BookLine {
  return line(book, what, 0, found.length, found);
}

function some(notes: readonly string[]): readonly string[] {
  const more = notes.length - NOTES_SHOWN;
  return more > 0 ? [...notes.slice(0, NOTES_SHOWN), `… and ${more} more`] : notes;
}
