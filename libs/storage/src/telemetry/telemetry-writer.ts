import type { PoolClient } from '../pool.js';
import { columnLiterals, TELEMETRY_COLUMNS, type TelemetryRow } from './telemetry-row.js';

const COLUMNS = TELEMETRY_COLUMNS.map(({ column }) => column).join(', ');
const VALUES = TELEMETRY_COLUMNS.map(({ column, expression }) => expression(`input.${column}`)).join(', ');
const INPUT = `unnest(${TELEMETRY_COLUMNS.map(({ arrayType }, index) => `$${index + 1}::${arrayType}[]`).join(', ')}) AS input (${COLUMNS})`;
const STATE_UPDATES = TELEMETRY_COLUMNS.filter(({ column }) => column !== 'lamp_id')
  .map(({ column }) => `${column} = excluded.${column}`)
  .join(', ');

const INSERT_TELEMETRY = `INSERT INTO telemetry (${COLUMNS}) SELECT ${VALUES} FROM ${INPUT} ON CONFLICT DO NOTHING`;
const UPSERT_STATE = `
  INSERT INTO lamp_state (${COLUMNS}) SELECT ${VALUES} FROM ${INPUT}
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
  await client.query({ name: 'upsert_lamp_state', text: UPSERT_STATE, values: columnLiterals(newestPerLamp(rows)) });
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
