/** What was in use at a moment, MB. */
export interface MemorySample {
  /** Simulated hours since the start. */
  readonly hour: number;
  /** JavaScript heap after a full collection. */
  readonly heapMb: number;
  /** Resident set of the process. */
  readonly residentMb: number;
}

export interface MemoryVerdict {
  /** Medians of the first and the last quarter of the samples. */
  readonly firstMb: number;
  readonly lastMb: number;
  readonly growthPercent: number;
  readonly isFlat: boolean;
}

/** More than this is a leak, percent. */
const FLAT_PERCENT = 10;
const ROWS = 12;
const COLUMNS = 72;
/** Eighths of a character's height. */
const BARS = ' ▁▂▃▄▅▆▇█';

/**
 * Whether the heap has grown from the first to the last quarter of the samples: medians, because a request that happens to be under way is no
 * growth. Throws when there are fewer than four.
 */
export function verdictOf(samples: readonly MemorySample[]): MemoryVerdict {
  if (samples.length < 4) throw new RangeError(`${samples.length} samples say nothing: take four or more`);
  const quarter = Math.floor(samples.length / 4);
  const firstMb = median(samples.slice(0, quarter).map(({ heapMb }) => heapMb));
  const lastMb = median(samples.slice(-quarter).map(({ heapMb }) => heapMb));
  const growthPercent = (100 * (lastMb - firstMb)) / firstMb;
  return { firstMb, lastMb, growthPercent, isFlat: growthPercent <= FLAT_PERCENT };
}

/** Samples as a picture of characters, from zero: flat looks flat. `valueOf` picks what is drawn. */
export function plotOf(
  title: string,
  samples: readonly MemorySample[],
  valueOf: (sample: MemorySample) => number,
): string {
  const top = niceTop(Math.max(...samples.map(valueOf)));
  const columns = Math.min(COLUMNS, samples.length);
  const heights = Array.from({ length: columns }, (_, column) => {
    const own = samples.slice(
      Math.floor((column * samples.length) / columns),
      Math.floor(((column + 1) * samples.length) / columns),
    );
    return Math.round((Math.max(...own.map(valueOf)) / top) * ROWS * 8);
  });
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const below = (ROWS - 1 - row) * 8;
    const label = row === 0 ? `${top} MB` : row === ROWS - 1 ? '0' : '';
    const bars = heights.map((height) => BARS[Math.max(0, Math.min(8, height - below))]).join('');
    return `${label.padStart(8)} │${bars}`;
  });
  const [first, last] = [samples[0]?.hour ?? 0, samples.at(-1)?.hour ?? 0];
  const ends = `${first.toFixed(1)} h`.padEnd(Math.max(1, columns - 8)) + `${last.toFixed(1)} h`;
  return [title, ...rows, `${' '.repeat(8)} └${'─'.repeat(columns)}`, `${' '.repeat(10)}${ends}`].join('\n');
}

/** The next of 1, 2, 5, 10, … that is not below. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
