/** A file as a table of texts, before anything is understood. */
export interface RawTable {
  readonly format: 'csv' | 'geojson';
  readonly columns: readonly string[];
  readonly rows: readonly RawRow[];
  /** Of CSV. */
  readonly delimiter?: string;
}

export interface RawRow {
  /** Line in a CSV file, number of the feature in GeoJSON; both from 1. */
  readonly line: number;
  /** By position of the column; `''` where there is nothing. */
  readonly cells: readonly string[];
}

/** More lamps than any city has; bounds memory. */
export const MAX_ROWS = 250_000;
