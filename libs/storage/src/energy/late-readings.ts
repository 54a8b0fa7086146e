import type { PoolClient } from '../pool.js';

/** Held shared by every ingest transaction, exclusively by the one that moves the fence. */
export const FENCE_LOCK = 7_264_002;

/**
 * To be called first in a transaction that writes telemetry. Returns the fence, ms since the epoch (-Infinity before the first
 * booking): register readings earlier than it must be marked with `markLateReadings` in the same transaction.
 * Two statements, because the fence must be read with a snapshot taken after the lock was had.
 */
export async function beginIngest(client: PoolClient): Promise<number> {
  await client.query({ name: 'hold_fence', text: 'SELECT pg_advisory_xact_lock_shared($1)', values: [FENCE_LOCK] });
  const found = await client.query<{ ms: number }>({
    name: 'read_fence',
    text: 'SELECT (extract(epoch FROM fence) * 1000)::float8 AS ms FROM energy_booking',
  });
  return found.rows[0]?.ms ?? Number.NEGATIVE_INFINITY;
}

/** Marks register readings that came after their time had been booked: the next booking computes their hours anew. */
export async function markLateReadings(
  client: PoolClient,
  lampIds: readonly number[],
  timesMs: readonly number[],
): Promise<void> {
  if (lampIds.length === 0) return;
  await client.query({
    name: 'mark_late',
    text: `INSERT INTO energy_late (lamp_id, time)
           SELECT lamp_id, to_timestamp(time_ms / 1000.0) FROM unnest($1::integer[], $2::float8[]) AS input (lamp_id, time_ms)`,
    values: [lampIds, timesMs],
  });
}
