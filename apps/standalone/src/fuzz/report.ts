import { inWords, type RestFailure } from './fuzz-rest.js';
import type { MqttBook } from './fuzz-mqtt.js';
import type { Heap } from './watched-role.js';

/** By how much a heap may have grown, as a part of what it was. */
export const HEAP_MAY_GROW = 0.1;

export interface HeapRow {
  readonly process: string;
  readonly before: Heap;
  readonly after: Heap;
}

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly messages: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Operations that were never answered with 2xx. */
  readonly notReached: readonly string[];
  readonly operations: number;
  readonly restFailures: readonly RestFailure[];
  readonly books: readonly MqttBook[];
  readonly heaps: readonly HeapRow[];
  /** Processes that ended, and errors that nobody caught. */
  readonly processFailures: readonly string[];
}

/** By how much a heap has grown, as a part of what it was. */
export function growth({ before, after }: HeapRow): number {
  return after.heapBytes / before.heapBytes - 1;
}

/** What is wrong, a line each; nothing when all is well. Pure. */
export function wrongs(report: FuzzReport): string[] {
  return [
    ...report.processFailures,
    ...report.restFailures.map(
      ({ case: index, problem, request, smallest }) =>
        `request ${index} of seed ${report.seed}, ${request.operation}: ${problem}\n    smallest: ${inWords(smallest)}\n    as sent:  ${inWords(request)}`,
    ),
    ...report.books
      .filter(({ wanted, found }) => wanted !== found)
      .map(
        ({ what, wanted, found, notes = [] }) =>
          `messages of seed ${report.seed}, ${what}: ${wanted} wanted, ${found} found${notes.map((note) => `\n    ${note}`).join('')}`,
      ),
    ...report.heaps
      .filter((row) => growth(row) > HEAP_MAY_GROW)
      .map((row) => `the heap of ${row.process} has grown by ${percent(growth(row))}`),
  ];
}

/** For people. */
export function printReport(report: FuzzReport, say: (line: string) => void): void {
  const { seed, requests, messages, seconds, statuses, operations, notReached, books, heaps } = report;
  say(`\nSeed ${seed}: ${requests} requests, ${messages} messages, ${Math.round(seconds)} s`);
  if (requests > 0) {
    say('Answers by status:');
    console.table(statuses);
    say(
      `${operations - notReached.length} of ${operations} operations were carried out at least once; not: ${notReached.join(', ') || 'none'}`,
    );
  }
  if (books.length > 0)
    console.table(books.map(({ what, wanted, found }) => ({ what, wanted, found, fits: wanted === found })));
  console.table(
    heaps.map((row) => ({
      process: row.process,
      'heap before, MB': megabytes(row.before.heapBytes),
      'heap after, MB': megabytes(row.after.heapBytes),
      growth: percent(growth(row)),
      'outside the heap before, MB': megabytes(row.before.externalBytes),
      'outside the heap after, MB': megabytes(row.after.externalBytes),
    })),
  );
  const found = wrongs(report);
  for (const line of found) say(`WRONG ${line}`);
  say(found.length === 0 ? 'Nothing failed.' : `${found.length} things failed.`);
}

const megabytes = (bytes: number): number => Math.round(bytes / 10_485.76) / 100;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
