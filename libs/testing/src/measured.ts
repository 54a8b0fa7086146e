import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Where benchmarks leave the figures that pages are made from. */
export const MEASURED = 'docs/operations/measured.json';

/** Replaces the named parts of the figures, and leaves the others. */
export function writeMeasured(parts: Record<string, unknown>): void {
  const known = existsSync(MEASURED) ? (JSON.parse(readFileSync(MEASURED, 'utf8')) as Record<string, unknown>) : {};
  writeFileSync(MEASURED, `${JSON.stringify({ ...known, ...parts }, null, 2)}\n`);
}
