import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import { guardFormula } from '../inventory/read/formula-guard.js';

type Cell = string | number | null | readonly string[];

/** The rows of a report as CSV; the columns are those of its schema, also when there are no rows. */
export function toCsv(columns: readonly string[], rows: readonly Readonly<Record<string, Cell>>[]): string {
  return stringify([columns], { record_delimiter: 'windows' }) + csvLines(columns, rows);
}

/** Rows without the line of the columns: a further piece of a file. */
export function csvLines(columns: readonly string[], rows: readonly Readonly<Record<string, Cell>>[]): string {
  const lines = rows.map((row) => columns.map((column) => csvCell(row[column] ?? null)));
  return stringify(lines, { record_delimiter: 'windows' });
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return guardFormula(typeof value === 'string' ? value : value.join(';'));
}

/** Sends the report as JSON, or its rows as a file. */
export function sendReport<T extends { readonly site: string; readonly rows: readonly object[] }>(
  response: Response,
  format: 'json' | 'csv',
  report: T,
  name: string,
  columns: readonly string[],
): T | string {
  if (format === 'json') return report;
  response.type('text/csv; charset=utf-8');
  response.setHeader('content-disposition', `attachment; filename="${report.site}-${name}.csv"`);
  return toCsv(columns, report.rows as readonly Record<string, Cell>[]);
}
