import { CsvError, parse } from 'csv-parse/sync';
import { err, ok, type Result } from '#libs/kernel';
import type { Finding } from './findings.js';
import { MAX_ROWS, type RawRow, type RawTable } from './raw-table.js';

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The delimiter that stands most often in the first line, outside quotes. */
export function detectDelimiter(text: string): string | undefined {
  const header = /^[\s\uFEFF]*([^\r\n]*)/.exec(text)?.[1] ?? '';
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
  const best = counts.reduce((a, b) => (b.count > a.count ? b : a));
  return best.count > 0 ? best.delimiter : undefined;
}

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** The rows of a CSV file with their line numbers. The first row names the columns. */
export function parseCsv(text: string, givenDelimiter: string | undefined): Result<RawTable, Finding> {
  const delimiter = givenDelimiter ?? detectDelimiter(text);
  if (delimiter === undefined) {
    return err({
      line: 1,
      problem: 'the first line has no , ; | or tab: it must name the columns, such as lamp,latitude,longitude',
    });
  }
  let parsed: Parsed[];
  try {
    parsed = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      to: MAX_ROWS + 2,
    }) as unknown as Parsed[];
  } catch (error) {
    return err(parseFailure(error));
  }
  const [header, ...body] = parsed;
  if (header === undefined) return err({ problem: 'the file is empty' });
  if (body.length > MAX_ROWS) return err({ problem: `the file has more than ${MAX_ROWS} rows: import it in parts` });
  return checkShape(
    delimiter,
    header.record.map((name) => name.trim()),
    body,
  );
}

function checkShape(delimiter: string, columns: string[], body: readonly Parsed[]): Result<RawTable, Finding> {
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice !== undefined)
    return err({ line: 1, column: twice, problem: 'this column stands in the file twice: rename or remove one' });
  const tooWide = body.find(
    ({ record }) => record.length > columns.length && record.slice(columns.length).some((cell) => cell.trim() !== ''),
  );
  if (tooWide !== undefined) {
    return err({
      line: lineOf(tooWide),
      problem: `has ${tooWide.record.length} cells, the first line ${columns.length}: put cells that hold the delimiter into "quotes"`,
    });
  }
  const rows = body.map((item): RawRow => ({
    line: lineOf(item),
    cells: columns.map((_, index) => (item.record[index] ?? '').trim()),
  }));
  return ok({ format: 'csv', columns, rows, delimiter });
}

/** The line on which a record begins; the parser counts to the one on which it ends. */
function lineOf({ record, info }: Parsed): number {
  return info.lines - record.reduce((count, cell) => count + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
}

function parseFailure(error: unknown): Finding {
  if (!(error instanceof CsvError)) throw error;
  const line = (error as { lines?: unknown }).lines;
  const problem =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'a quote is opened and never closed'
      : `is not valid CSV: ${error.message.slice(0, 200)}`;
  return typeof line === 'number' ? { line, problem } : { problem };
}
