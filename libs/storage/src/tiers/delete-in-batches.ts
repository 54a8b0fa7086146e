import type { Pool } from '../pool.js';

export interface BatchBounds {
  readonly batchRows: number;
  readonly maxBatches: number;
}

export interface Deleted {
  readonly rows: number;
  /** False when the bounds were reached: there may be more. */
  readonly done: boolean;
}

/** Deletes rows, each batch in a transaction of its own, so that nothing is locked for long and nothing piles up in memory. */
export async function deleteInBatches(
  pool: Pool,
  table: string,
  where: string,
  values: readonly unknown[],
  { batchRows, maxBatches }: BatchBounds,
): Promise<Deleted> {
  let rows = 0;
  for (let batch = 0; batch < maxBatches; batch += 1) {
    const deleted = await pool.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${where} LIMIT ${batchRows}))`,
      [...values],
    );
    rows += deleted.rowCount ?? 0;
    if ((deleted.rowCount ?? 0) < batchRows) return { rows, done: true };
  }
  return { rows, done: false };
}
