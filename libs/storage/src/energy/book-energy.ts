/**
 * Books energy: turns pairs of register readings into hours, once each. Three steps, each a transaction of its own; a crash
 * between or within them loses and doubles nothing, and the views are exact at every moment but for late readings that wait:
 * 1. move the fence: from here on, readings earlier than it are marked late;
 * 2. book every pair whose second reading lies before the fence, and move booked_until to it;
 * 3. compute the hours around late readings anew.
 */
import type { Pool, PoolClient } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { FENCE_LOCK } from './late-readings.js';

/** Only one booking at a time, whichever process does it. */
export const BOOKING_LOCK = 7_264_003;
/** Late readings looked at in one transaction. */
const LATE_PER_STEP = 5_000;
/** Readings earlier than this have been dropped, or will be in a moment (enforceRetention holds the booking lock when it moves it). */
const KEPT_SINCE = `(SELECT dropped_until FROM tier_bound WHERE tier = 'telemetry')`;

export interface BookingOptions {
  readonly nowMs: number;
  /** Readings younger than this are left alone: most that are on their way arrive by then, and need no second computation. */
  readonly graceMs: number;
  /** Time that one step books at the most, so that a backlog of days does not become one long transaction. */
  readonly portionMs: number;
}

export interface BookingReport {
  readonly bookedUntilMs: number;
  readonly lateReadings: number;
  /** False when there is more to do at once: another portion, or more late readings. */
  readonly done: boolean;
}

/** One step of booking; call again while `done` is false. Waits for a booking that another process has under way. */
export async function bookEnergy(pool: Pool, options: BookingOptions): Promise<BookingReport> {
  const targetMs = options.nowMs - options.graceMs;
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [BOOKING_LOCK]);
    await moveFence(client, targetMs, options.portionMs);
  });
  const bookedUntilMs = await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [BOOKING_LOCK]);
    return bookUpToFence(client);
  });
  const lateReadings = await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [BOOKING_LOCK]);
    return rebookLate(client);
  });
  return { bookedUntilMs, lateReadings, done: bookedUntilMs >= targetMs && lateReadings < LATE_PER_STEP };
}

/** An interrupted booking (fence ahead of booked_until) is left to be finished first. */
async function moveFence(client: PoolClient, targetMs: number, portionMs: number): Promise<void> {
  // Waits for every transaction that read the old fence; those that begin now wait for this one.
  await client.query('SELECT pg_advisory_xact_lock($1)', [FENCE_LOCK]);
  await client.query(
    `UPDATE energy_booking SET fence = greatest(booked_until, least(
       to_timestamp($1::float8 / 1000.0),
       CASE WHEN booked_until = '-infinity'
         THEN coalesce((SELECT min(time) FROM telemetry), to_timestamp($1::float8 / 1000.0))
         ELSE booked_until
       END + make_interval(secs => $2::float8 / 1000.0)))
     WHERE fence = booked_until`,
    [targetMs, portionMs],
  );
}

async function bookUpToFence(client: PoolClient): Promise<number> {
  await client.query(`
    CREATE TEMP TABLE booking_reading ON COMMIT DROP AS
      SELECT lamp_id, time, active_energy_wh FROM telemetry
      WHERE time >= (SELECT booked_until FROM energy_booking) AND time < (SELECT fence FROM energy_booking)
        AND active_energy_wh IS NOT NULL;
    INSERT INTO booking_reading
      SELECT lamp_id, time, active_energy_wh FROM lamp_register
      WHERE lamp_id IN (SELECT lamp_id FROM booking_reading);
    ANALYZE booking_reading;
    CREATE TEMP TABLE change (lamp_id integer, hour timestamptz, energy_wh float8) ON COMMIT DROP;
    INSERT INTO change
      ${hoursOfPairs('booking_reading', `date_trunc('hour', from_time, rule.time_zone)`, 'to_time')};
    INSERT INTO lamp_energy_hourly AS booked (lamp_id, hour, energy_wh)
      SELECT lamp_id, hour, energy_wh FROM change
      ON CONFLICT (lamp_id, hour) DO UPDATE SET energy_wh = booked.energy_wh + excluded.energy_wh;
    ${BOOK_CHANGE};
    INSERT INTO lamp_register AS known (lamp_id, time, active_energy_wh)
      SELECT DISTINCT ON (lamp_id) lamp_id, time, active_energy_wh FROM booking_reading ORDER BY lamp_id, time DESC
      ON CONFLICT (lamp_id) DO UPDATE SET time = excluded.time, active_energy_wh = excluded.active_energy_wh;
    UPDATE energy_booking SET booked_until = fence;
  `);
  const found = await client.query<{ ms: number }>(
    'SELECT (extract(epoch FROM booked_until) * 1000)::float8 AS ms FROM energy_booking',
  );
  return found.rows[0]?.ms ?? Number.NEGATIVE_INFINITY;
}

/**
 * Rebuilds, for every lamp with late readings, the hours from the reading before the first late one to the reading after the last
 * one, from the raw readings. A lamp whose raw readings around there have been dropped by retention is left as it is: what has
 * been booked from them is better than what could be computed without them.
 */
async function rebookLate(client: PoolClient): Promise<number> {
  await client.query(`
    CREATE TEMP TABLE late ON COMMIT DROP AS
      WITH taken AS (
        DELETE FROM energy_late WHERE id IN (
          SELECT id FROM energy_late WHERE time < (SELECT booked_until FROM energy_booking) ORDER BY id LIMIT ${LATE_PER_STEP}
        ) RETURNING lamp_id, time
      )
      SELECT lamp_id, min(time) FILTER (WHERE time >= ${KEPT_SINCE}) AS first_time, max(time) AS last_time, count(*) AS readings
      FROM taken GROUP BY lamp_id`);
  const counted = await client.query<{ n: string }>('SELECT coalesce(sum(readings), 0) AS n FROM late');
  const lateReadings = Number(counted.rows[0]?.n ?? 0);
  if (lateReadings === 0) return 0;
  // What comes from a time whose readings have been dropped has no neighbours any more.
  await client.query('DELETE FROM late WHERE first_time IS NULL');
  await client.query(`
    -- The hours to rebuild, and the readings just outside that their first and last pair need.
    CREATE TEMP TABLE rebuild ON COMMIT DROP AS
      SELECT span.lamp_id, span.from_hour, span.to_hour,
        coalesce((SELECT max(time) FROM telemetry AS t
          WHERE t.lamp_id = span.lamp_id AND t.active_energy_wh IS NOT NULL AND t.time <= span.from_hour AND t.time >= ${KEPT_SINCE}), span.from_hour) AS left_time,
        coalesce((SELECT min(time) FROM telemetry AS t
          WHERE t.lamp_id = span.lamp_id AND t.active_energy_wh IS NOT NULL AND t.time >= span.to_hour
            AND t.time < (SELECT booked_until FROM energy_booking)), span.to_hour) AS right_time
      FROM (
        SELECT late.lamp_id,
          date_trunc('hour', coalesce((SELECT max(time) FROM telemetry AS t
            WHERE t.lamp_id = late.lamp_id AND t.active_energy_wh IS NOT NULL AND t.time < late.first_time AND t.time >= ${KEPT_SINCE}), late.first_time),
            rule.time_zone) AS from_hour,
          date_trunc('hour', coalesce((SELECT min(time) FROM telemetry AS t
            WHERE t.lamp_id = late.lamp_id AND t.active_energy_wh IS NOT NULL AND t.time > late.last_time
              AND t.time < (SELECT booked_until FROM energy_booking)), late.last_time),
            rule.time_zone) + interval '1 hour' AS to_hour
        FROM late JOIN lamp_energy_rule AS rule ON rule.lamp_id = late.lamp_id
      ) AS span;
    DELETE FROM rebuild WHERE EXISTS (
        SELECT FROM lamp_energy_hourly AS booked WHERE booked.lamp_id = rebuild.lamp_id AND booked.hour < rebuild.from_hour)
      AND NOT EXISTS (
        SELECT FROM telemetry AS t WHERE t.lamp_id = rebuild.lamp_id AND t.active_energy_wh IS NOT NULL AND t.time <= rebuild.from_hour
          AND t.time >= ${KEPT_SINCE});
    CREATE TEMP TABLE change (lamp_id integer, hour timestamptz, energy_wh float8) ON COMMIT DROP;
    WITH gone AS (
      DELETE FROM lamp_energy_hourly AS booked USING rebuild
      WHERE booked.lamp_id = rebuild.lamp_id AND booked.hour >= rebuild.from_hour AND booked.hour < rebuild.to_hour
      RETURNING booked.lamp_id, booked.hour, booked.energy_wh
    ) INSERT INTO change SELECT lamp_id, hour, -energy_wh FROM gone;
    CREATE TEMP TABLE rebuild_reading ON COMMIT DROP AS
      SELECT t.lamp_id, t.time, t.active_energy_wh, rebuild.from_hour, rebuild.to_hour
      FROM rebuild JOIN telemetry AS t ON t.lamp_id = rebuild.lamp_id AND t.active_energy_wh IS NOT NULL
        AND t.time >= rebuild.left_time AND t.time <= rebuild.right_time AND t.time < (SELECT booked_until FROM energy_booking);
    WITH anew AS (
      INSERT INTO lamp_energy_hourly (lamp_id, hour, energy_wh)
      ${hoursOfPairs(
        'rebuild_reading',
        `greatest(date_trunc('hour', from_time, rule.time_zone), from_hour)`,
        'least(to_time, to_hour)',
        ', from_hour, to_hour',
      )}
      RETURNING lamp_id, hour, energy_wh
    ) INSERT INTO change SELECT lamp_id, hour, energy_wh FROM anew;
    ${BOOK_CHANGE};
    INSERT INTO lamp_register AS known (lamp_id, time, active_energy_wh)
      SELECT DISTINCT ON (lamp_id) lamp_id, time, active_energy_wh FROM rebuild_reading ORDER BY lamp_id, time DESC
      ON CONFLICT (lamp_id) DO UPDATE SET time = excluded.time, active_energy_wh = excluded.active_energy_wh
        WHERE known.time < excluded.time;
  `);
  return lateReadings;
}

/**
 * Brings the coarser tiers after a change of hours (temporary table `change`). By difference, not by adding up the hours again: hours
 * are dropped by retention sooner than days.
 */
const BOOK_CHANGE = `
    INSERT INTO lamp_energy_daily AS booked (lamp_id, day, energy_wh)
      SELECT change.lamp_id, (change.hour AT TIME ZONE rule.time_zone)::date, sum(change.energy_wh)
      FROM change JOIN lamp_energy_rule AS rule ON rule.lamp_id = change.lamp_id GROUP BY 1, 2
      ON CONFLICT (lamp_id, day) DO UPDATE SET energy_wh = booked.energy_wh + excluded.energy_wh;
    INSERT INTO site_energy_hourly AS booked (site_id, hour, energy_wh)
      SELECT rule.site_id, change.hour, sum(change.energy_wh)
      FROM change JOIN lamp_energy_rule AS rule ON rule.lamp_id = change.lamp_id GROUP BY 1, 2
      ON CONFLICT (site_id, hour) DO UPDATE SET energy_wh = booked.energy_wh + excluded.energy_wh`;

/** Energy per lamp and local hour of the consecutive pairs of readings in a table (lamp_id, time, active_energy_wh). */
function hoursOfPairs(table: string, firstHour: string, end: string, carried = ''): string {
  return `
    SELECT pair.lamp_id, hours.hour, sum(
      register_delta_wh(from_wh, to_wh, extract(epoch FROM to_time - from_time)::float8, rule.plausible_w)
        * extract(epoch FROM least(to_time, hours.hour + interval '1 hour') - greatest(from_time, hours.hour))::float8
        / extract(epoch FROM to_time - from_time)::float8)
    FROM (
      SELECT lamp_id, time AS to_time, active_energy_wh AS to_wh,
        lag(time) OVER by_time AS from_time, lag(active_energy_wh) OVER by_time AS from_wh ${carried}
      FROM ${table}
      WINDOW by_time AS (PARTITION BY lamp_id ORDER BY time)
    ) AS pair
    JOIN lamp_energy_rule AS rule ON rule.lamp_id = pair.lamp_id
    CROSS JOIN LATERAL generate_series(${firstHour}, ${end} - interval '1 microsecond', interval '1 hour') AS hours (hour)
    WHERE from_time IS NOT NULL
    GROUP BY pair.lamp_id, hours.hour`;
}
