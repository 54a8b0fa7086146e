/** Something wrong in an inventory file: where, what stands there, and what to do. */
export interface Finding {
  /** Line of a CSV file; number of the feature, from 1, in GeoJSON. Absent when it concerns the whole file. */
  readonly line?: number;
  /** The file's own name of the column. */
  readonly column?: string;
  readonly value?: string;
  readonly problem: string;
}

/** How many findings an answer carries; all are counted. */
export const MAX_FINDINGS = 1_000;

/** Gathers findings: every one is counted, the first ones are kept. */
export class Findings {
  readonly kept: Finding[] = [];
  total = 0;

  add(finding: Finding): void {
    this.total += 1;
    if (this.kept.length >= MAX_FINDINGS) return;
    const { value, ...rest } = finding;
    this.kept.push(value === undefined ? rest : { ...rest, value: value.slice(0, 100) });
  }

  /** In the order of the lines. */
  sorted(): Finding[] {
    return [...this.kept].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  }
}
