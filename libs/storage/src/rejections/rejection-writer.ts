import type { PoolClient } from '../pool.js';

/** A rejected message as the operator will see it: the first bytes of it, and why. */
export interface RejectedSample {
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly payload: Buffer;
  /** Length of the whole payload; `payload` may be its beginning only. */
  readonly payloadBytes: number;
  readonly receivedAtMs: number;
}

/** Adds to the counts of the day and keeps samples, inside the caller's transaction. */
export async function writeRejections(
  client: PoolClient,
  nowMs: number,
  counts: ReadonlyMap<string, number>,
  samples: readonly RejectedSample[],
): Promise<void> {
  if (counts.size === 0) return;
  const reasons = [...counts.keys()].sort();
  await client.query({
    name: 'add_rejection_count',
    text: `
      INSERT INTO rejection_count AS known (day, reason, count)
      SELECT (to_timestamp($1::float8 / 1000.0) AT TIME ZONE 'UTC')::date, reason, count
      FROM unnest($2::text[], $3::bigint[]) AS input (reason, count)
      ON CONFLICT (day, reason) DO UPDATE SET count = known.count + excluded.count`,
    values: [nowMs, reasons, reasons.map((reason) => counts.get(reason) ?? 0)],
  });
  if (samples.length === 0) return;
  await client.query({
    name: 'insert_rejected_message',
    text: `
      INSERT INTO rejected_message (received_at, reason, detail, topic, payload, payload_bytes)
      SELECT to_timestamp(received_ms / 1000.0), reason, detail, topic, payload, payload_bytes
      FROM unnest($1::float8[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::integer[])
        AS input (received_ms, reason, detail, topic, payload, payload_bytes)`,
    values: [
      samples.map((sample) => sample.receivedAtMs),
      samples.map((sample) => sample.reason),
      samples.map((sample) => sample.detail),
      samples.map((sample) => sample.topic),
      samples.map((sample) => sample.payload),
      samples.map((sample) => sample.payloadBytes),
    ],
  });
}

/** Keeps the newest `perReason` samples of each reason and drops the others. */
export async function trimRejectedSamples(client: PoolClient, perReason: number): Promise<void> {
  await client.query(
    `DELETE FROM rejected_message WHERE id IN (
       SELECT id FROM (
         SELECT id, row_number() OVER (PARTITION BY reason ORDER BY id DESC) AS age FROM rejected_message
       ) AS ranked WHERE age > $1)`,
    [perReason],
  );
}
