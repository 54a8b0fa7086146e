import type { Pool } from '../pool.js';

/** Says to the other processes of the share that this one is alive. */
export async function recordAlive(pool: Pool, consumer: string, share: string): Promise<void> {
  await pool.query(
    `INSERT INTO ingest_peer (consumer, share, alive_at) VALUES ($1, $2, now())
     ON CONFLICT (consumer) DO UPDATE SET share = excluded.share, alive_at = excluded.alive_at, drained_by = NULL`,
    [consumer, share],
  );
}

/** A process of the share that has not been alive for `goneS`, now claimed by this one for as long as it calls `keepOrphan`; undefined: none. */
export async function claimOrphan(
  pool: Pool,
  consumer: string,
  share: string,
  goneS: number,
): Promise<string | undefined> {
  const found = await pool.query<{ consumer: string }>(
    `UPDATE ingest_peer SET alive_at = now(), drained_by = $1 WHERE consumer = (
       SELECT consumer FROM ingest_peer WHERE share = $2 AND consumer <> $1 AND alive_at < now() - make_interval(secs => $3)
       ORDER BY alive_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING consumer`,
    [consumer, share, goneS],
  );
  return found.rows[0]?.consumer;
}

/** Renews the claim. False when it has been lost: the process is back, or another one has claimed it. */
export async function keepOrphan(pool: Pool, consumer: string, orphan: string): Promise<boolean> {
  const kept = await pool.query(`UPDATE ingest_peer SET alive_at = now() WHERE consumer = $2 AND drained_by = $1`, [
    consumer,
    orphan,
  ]);
  return kept.rowCount === 1;
}

/** The session of the orphan is gone, and nothing waits for it any more. */
export async function forgetOrphan(pool: Pool, consumer: string, orphan: string): Promise<void> {
  await pool.query('DELETE FROM ingest_peer WHERE consumer = $2 AND drained_by = $1', [consumer, orphan]);
}
