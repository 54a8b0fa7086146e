/**
 * Drops what is older than the configuration keeps, on every capability by the same rules: nothing that is not booked or averaged yet,
 * and no hour whose readings are still there. Chunks where there are chunks, rows in bounded batches where there are none. A crash at
 * any moment drops nothing too early: the bound of a tier is moved first, in the transaction that saves what is made from it.
 */
import type { DatabaseCapability } from '../capability.js';
import { BOOKING_LOCK } from '../energy/book-energy.js';
import {
  BUCKET_HOUR,
  dayColumns,
  hourColumns,
  MEASURE_COLUMNS,
  PLAIN_DAY,
  PLAIN_HOUR,
} from '../migrations/1764000007000-tiers.js';
import type { Pool } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { LATE_DAYS } from './apply-tiers.js';
import { deleteInBatches } from './delete-in-batches.js';

export interface RetentionSettings {
  /** Days; 0: for ever. */
  readonly readingsDays: number;
  readonly hourlyDays: number;
  readonly dailyDays: number;
}

export interface RetentionOptions {
  readonly nowMs: number;
  readonly keep: RetentionSettings;
  /** Rows of one tier that are deleted in one go where there are no chunks. */
  readonly batchRows: number;
  /** Batches of one tier per call. */
  readonly maxBatches: number;
  /** Days of readings that are averaged in one transaction. */
  readonly maxDays: number;
}

export type Tier = 'telemetry' | 'telemetry_hourly' | 'telemetry_daily' | 'lamp_energy_hourly' | 'lamp_energy_daily';

export interface Dropped {
  readonly table: string;
  readonly kind: 'rows' | 'chunks';
  readonly count: number;
}

export interface RetentionReport {
  readonly dropped: readonly Dropped[];
  /** False when there is more to do at once. */
  readonly done: boolean;
}

/** One round; call again while `done` is false. One process at a time is the caller's affair. */
export async function enforceRetention(
  pool: Pool,
  capability: DatabaseCapability,
  options: RetentionOptions,
): Promise<RetentionReport> {
  const { keep, nowMs } = options;
  const round = new Round(pool, capability, options);
  await round.catchUp();
  if (keep.readingsDays > 0) await round.readings(nowMs - keep.readingsDays * DAY_MS);
  if (keep.hourlyDays > 0) await round.hours(nowMs - keep.hourlyDays * DAY_MS);
  if (keep.dailyDays > 0) await round.days(nowMs - keep.dailyDays * DAY_MS);
  return { dropped: round.dropped, done: round.done };
}

const DAY_MS = 86_400_000;
/** To whole days of UTC, so that no day and no hour is cut in two. */
const wholeDays = (instant: string) => `date_bin('1 day', ${instant}, '2000-01-01 00:00:00+00')`;
const boundOf = (tier: Tier) => `(SELECT dropped_until FROM tier_bound WHERE tier = '${tier}')`;

interface Advance {
  readonly tier: Tier;
  /** What the tier is made of, where no continuous aggregate is. */
  readonly table: string;
  readonly column: string;
  /** How far the bound may go; $1 is how far the configuration wants it. */
  readonly allowed: string;
  /** Continuous aggregate that is brought up to date first. */
  readonly refresh?: string;
  /** Saves what the next coarser tier needs from $1 to $2. */
  readonly save?: string;
  readonly lock?: number;
}

class Round {
  readonly dropped: Dropped[] = [];
  done = true;

  constructor(
    private readonly pool: Pool,
    private readonly capability: DatabaseCapability,
    private readonly options: RetentionOptions,
  ) {}

  /** Readings that were imported later than the policies look back. When there are none this costs nothing. */
  async catchUp(): Promise<void> {
    if (!(await this.has('telemetry_hourly_aggregate'))) return;
    const until = new Date(this.options.nowMs - (LATE_DAYS - 1) * DAY_MS).toISOString();
    await this.refresh('telemetry_hourly_aggregate', 'telemetry', until);
    await this.refresh('telemetry_daily_aggregate', 'telemetry_hourly', until);
  }

  /** Readings: not before energy is booked from them, late ones included, and their hours are kept. */
  async readings(olderThanMs: number): Promise<void> {
    const [hypertable, aggregate] = [await this.has('telemetry'), await this.has('telemetry_hourly_aggregate')];
    const hour = hypertable ? BUCKET_HOUR : PLAIN_HOUR;
    await this.advance(olderThanMs, {
      ...{ tier: 'telemetry', table: 'telemetry', column: 'time', lock: BOOKING_LOCK },
      allowed: `least($1::timestamptz,
        (SELECT booked_until - interval '1 day' FROM energy_booking), (SELECT min(time) - interval '1 day' FROM energy_late))`,
      ...(aggregate
        ? { refresh: 'telemetry_hourly_aggregate' }
        : {
            save: `INSERT INTO telemetry_hourly_kept (lamp_id, hour, readings, ${MEASURE_COLUMNS})
              SELECT ${hourColumns(hour)} FROM telemetry WHERE time >= $1 AND time < $2 GROUP BY lamp_id, ${hour}`,
          }),
    });
    await this.drop('telemetry', 'time', 'telemetry');
  }

  /** Hours: never later than their readings, from which a late one would make them anew. */
  async hours(olderThanMs: number): Promise<void> {
    const allowed = `least($1::timestamptz, ${boundOf('telemetry')} - interval '1 day')`;
    const aggregate = await this.has('telemetry_hourly_aggregate');
    await this.advance(olderThanMs, {
      ...{ tier: 'telemetry_hourly', table: 'telemetry_hourly_kept', column: 'hour', allowed },
      ...(aggregate ? { refresh: 'telemetry_daily_aggregate' } : {}),
      save: `INSERT INTO telemetry_daily_kept (lamp_id, utc_day, readings, ${MEASURE_COLUMNS})
        SELECT ${dayColumns(PLAIN_DAY)} FROM telemetry_hourly_kept WHERE hour >= $1 AND hour < $2 GROUP BY lamp_id, ${PLAIN_DAY}`,
    });
    await this.drop('telemetry_hourly', 'hour', 'telemetry_hourly_kept');
    if (aggregate) await this.drop('telemetry_hourly', 'hour', 'telemetry_hourly_aggregate');
    const energy = { tier: 'lamp_energy_hourly', table: 'lamp_energy_hourly', column: 'hour' } as const;
    await this.advance(olderThanMs, { ...energy, allowed });
    await this.drop(energy.tier, energy.column, energy.table);
  }

  /** Days: never later than their hours. */
  async days(olderThanMs: number): Promise<void> {
    const measures = { tier: 'telemetry_daily', table: 'telemetry_daily_kept', column: 'utc_day' } as const;
    await this.advance(olderThanMs, { ...measures, allowed: `least($1::timestamptz, ${boundOf('telemetry_hourly')})` });
    await this.drop(measures.tier, measures.column, measures.table);
    if (await this.has('telemetry_daily_aggregate'))
      await this.drop(measures.tier, measures.column, 'telemetry_daily_aggregate');
    const energy = { tier: 'lamp_energy_daily', table: 'lamp_energy_daily', column: 'day' } as const;
    await this.advance(olderThanMs, { ...energy, allowed: `least($1::timestamptz, ${boundOf('lamp_energy_hourly')})` });
    await this.drop(energy.tier, energy.column, energy.table);
    await this.deleteRows('site_energy_hourly', `hour < ${boundOf(energy.tier)}`);
  }

  /** Moves the bound of a tier, having saved what the next coarser tier needs; not further than `maxDays` of what there is. */
  private async advance(olderThanMs: number, { tier, table, column, allowed, ...keeping }: Advance): Promise<void> {
    const wanted = `greatest(${boundOf(tier)}, ${wholeDays(allowed)})`;
    const asked = new Date(olderThanMs);
    const found = await this.pool.query<{ target: string; step: string; moves: boolean; reached: boolean }>(
      `SELECT target::text, step::text, step > ${boundOf(tier)} AS moves, step >= target AS reached FROM (
         SELECT target, least(target, ${wholeDays('oldest')} + make_interval(days => $2)) AS step FROM (
           SELECT ${wanted} AS target) AS wanted,
         LATERAL (SELECT min(${column}) AS oldest FROM ${table} WHERE ${column} >= ${boundOf(tier)} AND ${column} < target) AS first
       ) AS next`,
      [asked, this.options.maxDays],
    );
    const [next] = found.rows;
    if (next === undefined || !next.moves) return;
    if (!next.reached) this.done = false;
    if (keeping.refresh !== undefined) await this.refresh(keeping.refresh, tier, next.step);
    await inTransaction(this.pool, async (client) => {
      if (keeping.lock !== undefined) await client.query('SELECT pg_advisory_xact_lock($1)', [keeping.lock]);
      // Again, now that nothing can change it: a late reading may have come.
      const still = await client.query<{ from: string; to: string }>(
        `SELECT ${boundOf(tier)}::text AS "from", least(${wanted}, $2::timestamptz)::text AS "to"`,
        [asked, next.step],
      );
      const { from, to } = still.rows[0] as { from: string; to: string };
      if (keeping.save !== undefined) await client.query(keeping.save, [from, to]);
      await client.query('UPDATE tier_bound SET dropped_until = $2 WHERE tier = $1', [tier, to]);
    });
  }

  /** From the bound on only: what has been dropped would be taken for gone. */
  private async refresh(aggregate: string, tier: Tier, until: string): Promise<void> {
    const found = await this.pool.query<{ from: string | null; some: boolean }>(
      `SELECT nullif(bound, '-infinity')::text AS "from", bound + interval '1 day' <= $1::timestamptz AS some
       FROM (SELECT ${boundOf(tier)} AS bound) AS known`,
      [until],
    );
    if (found.rows[0]?.some !== true) return;
    await this.pool.query('CALL refresh_continuous_aggregate($1::regclass, $2::timestamptz, $3::timestamptz)', [
      aggregate,
      found.rows[0].from,
      until,
    ]);
  }

  /** Drops what lies before the bound of the tier, also what an interrupted round or very late readings have left there. */
  private async drop(tier: Tier, column: string, table: string): Promise<void> {
    const found = await this.pool.query<{ bound: string }>(
      `SELECT dropped_until::text AS bound FROM tier_bound WHERE tier = $1 AND dropped_until > '-infinity'`,
      [tier],
    );
    const [row] = found.rows;
    if (row === undefined) return;
    if (!(await this.has(table))) return this.deleteRows(table, `${column} < ${boundOf(tier)}`);
    const type = column === 'day' ? 'date' : 'timestamptz';
    const chunks = await this.pool.query(`SELECT drop_chunks($1::regclass, older_than => $2::timestamptz::${type})`, [
      table,
      row.bound,
    ]);
    this.dropped.push({ table, kind: 'chunks', count: chunks.rowCount ?? 0 });
  }

  private async deleteRows(table: string, where: string): Promise<void> {
    const { batchRows, maxBatches } = this.options;
    const deleted = await deleteInBatches(this.pool, table, where, [], { batchRows, maxBatches });
    this.dropped.push({ table, kind: 'rows', count: deleted.rows });
    if (!deleted.done) this.done = false;
  }

  /** Whether there is a hypertable or continuous aggregate of that name. */
  private async has(name: string): Promise<boolean> {
    if (this.capability === 'postgres') return false;
    const found = await this.pool.query(
      `SELECT 1 FROM timescaledb_information.hypertables WHERE hypertable_name = $1
       UNION ALL SELECT 1 FROM timescaledb_information.continuous_aggregates WHERE view_name = $1`,
      [name],
    );
    return found.rowCount !== 0;
  }
}
