import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '#libs/storage';
import type { Fleet } from '#simulators';
import { ROLES } from './role.js';
import type { WholeCity } from './whole-city.js';

const LOOK_EVERY_MS = 100;

/**
 * Waits until all works again after a moment: every process says that it is ready, every device that can be is connected, and a reading
 * that ingest has received since then is stored. Answers after how many ms; undefined when not within the time.
 */
export async function recovered(city: WholeCity, fleet: Fleet, withinMs: number): Promise<number | undefined> {
  const [startedMs, sinceMs] = [performance.now(), Date.now()];
  while (performance.now() - startedMs < withinMs) {
    if (await works(city, fleet, sinceMs)) return Math.round(performance.now() - startedMs);
    await delay(LOOK_EVERY_MS);
  }
  return undefined;
}

/** What is still missing, for people; nothing when all works. */
export async function missing(city: WholeCity): Promise<string[]> {
  const ready = await Promise.all(ROLES.map((name) => city.roles[name].isReady()));
  return ROLES.filter((_, index) => ready[index] !== true);
}

async function works(city: WholeCity, fleet: Fleet, sinceMs: number): Promise<boolean> {
  if (!fleet.isConnected()) return false;
  if ((await missing(city)).length > 0) return false;
  return (await newestReceptionMs(city.pool).catch(() => 0)) > sinceMs;
}

async function newestReceptionMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ ms: number | null }>(
    'SELECT (extract(epoch FROM max(received_at)) * 1000)::float8 AS ms FROM lamp_state',
  );
  return rows[0]?.ms ?? 0;
}

/** Waits until everything that was to be mailed before now has been; answers after how many ms. */
export async function mailsDelivered(
  pool: Pool,
  withinMs: number,
  deadUntilMs: () => number,
): Promise<number | undefined> {
  const [startedMs, beforeMs] = [performance.now(), Date.now()];
  while (performance.now() - Math.max(startedMs, deadUntilMs()) < withinMs) {
    const left = await pool
      .query<{ left: number }>(
        `SELECT count(*)::int AS left FROM delivery JOIN crew_channel ON crew_channel.id = delivery.channel_id
         WHERE delivery.state = 'pending' AND crew_channel.kind = 'email'
           AND delivery.created_at <= to_timestamp($1::float8 / 1000)`,
        [beforeMs],
      )
      .then(({ rows }) => rows[0]?.left)
      .catch(() => undefined);
    if (left === 0) return Math.round(performance.now() - startedMs);
    await delay(1_000);
  }
  return undefined;
}
