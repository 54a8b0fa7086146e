import type { PoolClient } from '../pool.js';
import { columnLiterals, STATE_COLUMNS, TELEMETRY_COLUMNS, type TelemetryRow } from './telemetry-row.js';

/** `(columns) SELECT values FROM unnest(…)`: a parameter for each column, an array of the rows' values. */
function insertion(columns: typeof TELEMETRY_COLUMNS): string {
  const names = columns.map(({ column }) => column).join(', ');
  const values = columns.map(({ column, expression }) => expression(`input.${column}`)).join(', ');
  const arrays = columns.map(({ arrayType }, index) => `$${index + 1}::${arrayType}[]`).join(', ');
  return `(${names}) SELECT ${values} FROM unnest(${arrays}) AS input (${names})`;
}

const STATE_UPDATES = STATE_COLUMNS.filter(({ column }) => column !== 'lamp_id')
  .map(({ column }) => `${column} = excluded.${column}`)
  .join(', ');

const INSERT_TELEMETRY = `INSERT INTO telemetry ${insertion(TELEMETRY_COLUMNS)} ON CONFLICT DO NOTHING`;
const UPSERT_STATE = `
  INSERT INTO lamp_state ${insertion(STATE_COLUMNS)}
  ON CONFLICT (lamp_id) DO UPDATE SET ${STATE_UPDATES} WHERE lamp_state.time < excluded.time`;

/**
 * Stores readings inside the caller's transaction; a lamp has one reading per instant, a second one is a duplicate and changes
 * nothing. Returns how many were new. The newest reading of each lamp becomes its state if it is newer than that.
 */
export async function writeTelemetry(client: PoolClient, rows: readonly TelemetryRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const inserted = await client.query({
    name: 'insert_telemetry',
    text: INSERT_TELEMETRY,
    values: columnLiterals(rows),
  });
  await client.query({
    name: 'upsert_lamp_state',
    text: UPSERT_STATE,
    values: columnLiterals(newestPerLamp(rows), STATE_COLUMNS),
  });
  return inserted.rowCount ?? 0;
}

/** The newest row of each lamp, ordered by lamp, so that two writers lock states in the same order and cannot deadlock. */
export function newestPerLamp(rows: readonly TelemetryRow[]): TelemetryRow[] {
  const newest = new Map<number, TelemetryRow>();
  for (const row of rows) {
    const known = newest.get(row.lampId);
    if (known === undefined || known.timeMs < row.timeMs) newest.set(row.lampId, row);
  }
  return [...newest.values()].sort((a, b) => a.lampId - b.lampId);
}
