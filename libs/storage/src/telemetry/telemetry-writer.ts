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
/** When a reading was made by the right clock, as far as that is known (`isNewer`). */
export const CORRECTED_TIME = (state: string) =>
  `least(${state}.time - make_interval(secs => coalesce(${state}.clock_offset_s, 0)), ${state}.received_at)`;
const UPSERT_STATE = `
  INSERT INTO lamp_state ${insertion(STATE_COLUMNS)}
  ON CONFLICT (lamp_id) DO UPDATE SET ${STATE_UPDATES}
  WHERE lamp_state.time < excluded.time
    OR ${CORRECTED_TIME('lamp_state')} < least(${CORRECTED_TIME('excluded')}, excluded.made_after)`;

/** Of lamps whose reading was no news. They are locked already: an upsert locks what it does not change, too. */
const NOTE_HEARD = `
  UPDATE lamp_state SET received_at = to_timestamp(heard.ms / 1000) FROM unnest($1::int[], $2::float8[]) AS heard (lamp_id, ms)
  WHERE lamp_state.lamp_id = heard.lamp_id AND lamp_state.received_at < to_timestamp(heard.ms / 1000)`;

/**
 * Stores readings inside the caller's transaction; a lamp has one reading per instant, a second one is a duplicate and changes
 * nothing. Returns how many were new. The newest reading of each lamp becomes its state if it is newer than that (`isNewer`); if not, the lamp has been heard at
 * least.
 */
export async function writeTelemetry(client: PoolClient, rows: readonly TelemetryRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const inserted = await client.query({
    name: 'insert_telemetry',
    text: INSERT_TELEMETRY,
    values: columnLiterals(rows),
  });
  const newest = newestPerLamp(rows);
  const stated = await client.query({
    name: 'upsert_lamp_state',
    text: UPSERT_STATE,
    values: columnLiterals(newest, STATE_COLUMNS),
  });
  if (stated.rowCount !== newest.length) {
    const heard = [newest.map(({ lampId }) => lampId), newest.map(({ receivedAtMs }) => receivedAtMs)];
    await client.query({ name: 'note_heard', text: NOTE_HEARD, values: heard });
  }
  return inserted.rowCount ?? 0;
}

/** The newest row of each lamp, ordered by lamp, so that two writers lock states in the same order and cannot deadlock. */
export function newestPerLamp(rows: readonly TelemetryRow[]): TelemetryRow[] {
  const newest = new Map<number, TelemetryRow>();
  for (const row of rows) {
    const known = newest.get(row.lampId);
    if (known === undefined || isNewer(row, known)) newest.set(row.lampId, row);
  }
  return [...newest.values()].sort((a, b) => a.lampId - b.lampId);
}

/**
 * Whether a reading that came later says more of the present than the one before: it was made later by the device's clock, or by the right
 * one. So neither a clock that was put back nor one that was put right leaves a lamp without a state until it has caught up with itself, and
 * what a device delivers from its memory, or what has waited in the session of a process that is gone, is not news.
 */
function isNewer(row: TelemetryRow, known: TelemetryRow): boolean {
  return known.timeMs < row.timeMs || correctedMs(known) < Math.min(correctedMs(row), row.madeAfterMs ?? Infinity);
}

function correctedMs({ timeMs, receivedAtMs, clockOffsetMs = 0 }: TelemetryRow): number {
  return Math.min(timeMs - clockOffsetMs, receivedAtMs);
}
