import type { Pool } from '../pool.js';

/** The last moment at which this consumer was connected with nothing waiting; undefined when it has never been. */
export async function readPresence(pool: Pool, consumer: string): Promise<number | undefined> {
  const found = await pool.query<{ ms: string }>(
    `SELECT extract(epoch FROM connected_until) * 1000 AS ms FROM ingest_presence WHERE consumer = $1`,
    [consumer],
  );
  const row = found.rows[0];
  return row === undefined ? undefined : Number(row.ms);
}

/** Records that at `atMs` this consumer was connected with nothing waiting; that it was away when more than `gapMs` have passed since. */
export async function recordPresence(pool: Pool, consumer: string, atMs: number, gapMs: number): Promise<void> {
  await pool.query(
    `INSERT INTO ingest_presence AS known (consumer, connected_until, connected_since)
     VALUES ($1, to_timestamp($2::float8 / 1000.0), to_timestamp($2::float8 / 1000.0))
     ON CONFLICT (consumer) DO UPDATE SET connected_until = excluded.connected_until,
       connected_since = CASE
         WHEN known.connected_since IS NULL OR excluded.connected_until - known.connected_until > make_interval(secs => $3::float8 / 1000)
         THEN excluded.connected_until ELSE known.connected_since END`,
    [consumer, atMs, gapMs],
  );
}

/** When the newest reading was received, ms since the epoch; undefined when there is none, or no schema yet. */
export async function latestReceptionMs(pool: Pool): Promise<number | undefined> {
  const schema = await pool.query(`SELECT to_regclass('lamp_state') AS name`);
  if (schema.rows[0]?.name === null) return undefined;
  const found = await pool.query<{ ms: number | null }>(
    `SELECT (extract(epoch FROM max(received_at)) * 1000)::float8 AS ms FROM lamp_state`,
  );
  return found.rows[0]?.ms ?? undefined;
}
