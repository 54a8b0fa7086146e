/**
 * Brings the tiers to what the database can do and the configuration says, at every start: a database may have become TimescaleDB
 * Community since the last one, and settings may have changed. Nothing happens where nothing differs.
 */
import { detectCapability, type DatabaseCapability } from '../capability.js';
import {
  aggregateMeasureViews,
  BUCKET_HOUR,
  DAILY_AGGREGATE,
  HOURLY_AGGREGATE,
  ordinaryMeasureViews,
} from '../migrations/1764000007000-tiers.js';
import type { Pool, PoolClient } from '../pool.js';

export interface TierSettings {
  /** Days after which readings are compressed; 0: never. */
  readonly compressAfterDays: number;
  /** False where the clock is not the database's: policies run by that one. */
  readonly policies: boolean;
}

export interface AppliedTiers {
  readonly capability: DatabaseCapability;
  /** What has been changed, in words; empty when everything was as it shall be. */
  readonly changes: readonly string[];
}

/** Tables that become hypertables when TimescaleDB comes to a database that was plain PostgreSQL. Chunks: see ADR 0010. */
const HYPERTABLES = [
  { table: 'telemetry', column: 'time', chunkDays: 1 },
  { table: 'lamp_energy_hourly', column: 'hour', chunkDays: 7 },
  { table: 'lamp_energy_daily', column: 'day', chunkDays: 180 },
  { table: 'telemetry_hourly_kept', column: 'hour', chunkDays: 7 },
  { table: 'telemetry_daily_kept', column: 'utc_day', chunkDays: 90 },
] as const;
/** Moving a larger table into chunks would hold up the start for long; docs/operations/storage.md says how it is done by hand. */
const MOVED_AT_START_BYTES = 4 * 2 ** 30;

/** Late readings come up to 35 days late: what they change is younger than this, and is refreshed and not yet compressed. */
export const LATE_DAYS = 36;
const COMPRESSED = [
  { table: 'telemetry', order: 'time DESC', afterDays: (settings: TierSettings) => settings.compressAfterDays },
  { table: 'lamp_energy_hourly', order: 'hour DESC', afterDays: coarseAfterDays },
  { table: 'telemetry_hourly_aggregate', order: 'hour DESC', afterDays: coarseAfterDays },
  { table: 'telemetry_daily_aggregate', order: 'utc_day DESC', afterDays: coarseAfterDays },
] as const;

const AGGREGATES = [
  {
    name: 'telemetry_hourly_aggregate',
    source: 'telemetry',
    definition: HOURLY_AGGREGATE,
    chunkDays: 7,
    everyMin: 30,
    endMin: 60,
  },
  {
    name: 'telemetry_daily_aggregate',
    source: 'telemetry_hourly',
    definition: DAILY_AGGREGATE,
    chunkDays: 90,
    everyMin: 180,
    endMin: 1440,
  },
] as const;

function coarseAfterDays({ compressAfterDays }: TierSettings): number {
  return compressAfterDays === 0 ? 0 : Math.max(LATE_DAYS + 4, compressAfterDays);
}

/** One process at a time; the others wait and find nothing to do. */
const TIERS_LOCK = 7_264_004;

/** Brings the tiers up to date; see above. */
export async function applyTiers(pool: Pool, settings: TierSettings): Promise<AppliedTiers> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [TIERS_LOCK]);
    const capability = await detectCapability({ query: async (sql) => (await client.query(sql)).rows });
    const changes: string[] = [];
    if (capability !== 'postgres') await makeHypertables(client, changes);
    if (capability === 'timescale-community') {
      await makeAggregates(client, changes);
      // A compression policy on an aggregate wants its refresh policy: it comes after that, and goes before it.
      if (!settings.policies) await setCompression(client, settings, changes);
      for (const aggregate of AGGREGATES) await setRefresh(client, aggregate, settings, changes);
      if (settings.policies) await setCompression(client, settings, changes);
    }
    return { capability, changes };
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [TIERS_LOCK]).catch(() => undefined);
    client.release();
  }
}

async function makeHypertables(client: PoolClient, changes: string[]): Promise<void> {
  const found = await client.query<{ name: string }>(
    `SELECT hypertable_name AS name FROM timescaledb_information.hypertables WHERE hypertable_schema = current_schema()`,
  );
  const there = new Set(found.rows.map(({ name }) => name));
  for (const { table, column, chunkDays } of HYPERTABLES.filter((each) => !there.has(each.table))) {
    const size = await client.query<{ bytes: string }>('SELECT pg_total_relation_size($1::regclass) AS bytes', [table]);
    if (Number(size.rows[0]?.bytes) > MOVED_AT_START_BYTES) {
      changes.push(`${table} is too large to be made a hypertable at start: docs/operations/storage.md says how`);
      continue;
    }
    await client.query(
      `SELECT create_hypertable($1::regclass, $2::name, chunk_time_interval => make_interval(days => $3),
         create_default_indexes => false, migrate_data => true)`,
      [table, column, chunkDays],
    );
    if (table === 'telemetry') {
      await client.query('DROP INDEX IF EXISTS telemetry_hour');
      await client.query(ordinaryMeasureViews(BUCKET_HOUR));
    }
    changes.push(`${table} is a hypertable now`);
  }
}

async function makeAggregates(client: PoolClient, changes: string[]): Promise<void> {
  const isHypertable = await client.query(
    `SELECT 1 FROM timescaledb_information.hypertables WHERE hypertable_name = 'telemetry'`,
  );
  if (isHypertable.rowCount === 0) return;
  const found = await client.query('SELECT 1 FROM timescaledb_information.continuous_aggregates WHERE view_name = $1', [
    AGGREGATES[0].name,
  ]);
  if (found.rowCount !== 0) return;
  const bound = await client.query<{ since: string }>(
    `SELECT dropped_until::text AS since FROM tier_bound WHERE tier = 'telemetry'`,
  );
  await client.query('BEGIN');
  try {
    for (const { name, definition, chunkDays } of AGGREGATES) {
      await client.query(definition);
      await client.query('SELECT set_chunk_time_interval($1::regclass, make_interval(days => $2))', [name, chunkDays]);
      changes.push(`${name} is a continuous aggregate now`);
    }
    await client.query(aggregateMeasureViews(bound.rows[0]?.since ?? '-infinity'));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

interface Job {
  readonly id: number;
  readonly after: string | null;
}

async function setCompression(client: PoolClient, settings: TierSettings, changes: string[]): Promise<void> {
  for (const { table, order, afterDays } of COMPRESSED) {
    const days = settings.policies ? afterDays(settings) : 0;
    const job = await findJob(client, 'policy_compression', 'compress_after', table);
    if ((job?.after ?? undefined) === (days === 0 ? undefined : `${days} days`)) continue;
    if (job !== undefined) await client.query('SELECT remove_compression_policy($1::regclass)', [table]);
    if (days > 0) {
      await enableCompression(client, table, order);
      await client.query(`SELECT add_compression_policy($1::regclass, make_interval(days => $2))`, [table, days]);
    }
    changes.push(`${table} is compressed ${days === 0 ? 'no more' : `after ${days} days`}`);
  }
}

/**
 * In the order of lamp and time, newest first: every question is about some lamps in some time. Not a segment for each lamp: a chunk has a
 * hundred rows of a lamp, and what is compressed together should be a thousand (docs/operations/storage.md). Once on, it stays: compressed
 * chunks need it.
 */
async function enableCompression(client: PoolClient, table: string, order: string): Promise<void> {
  const on = await client.query(
    `SELECT 1 FROM timescaledb_information.hypertables WHERE hypertable_name = $1 AND compression_enabled
     UNION ALL
     SELECT 1 FROM timescaledb_information.continuous_aggregates WHERE view_name = $1 AND compression_enabled`,
    [table],
  );
  if (on.rowCount !== 0) return;
  await client.query(`ALTER ${table.endsWith('_aggregate') ? 'MATERIALIZED VIEW' : 'TABLE'} ${table} SET (timescaledb.compress,
    timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'lamp_id, ${order}')`);
}

async function setRefresh(
  client: PoolClient,
  { name, source, everyMin, endMin }: (typeof AGGREGATES)[number],
  settings: TierSettings,
  changes: string[],
): Promise<void> {
  const job = await findJob(client, 'policy_refresh_continuous_aggregate', 'start_offset', name);
  if ((job !== undefined) === settings.policies) return;
  await client.query('SELECT remove_continuous_aggregate_policy($1::regclass, if_exists => true)', [name]);
  if (settings.policies) {
    // All there is, first: the policy looks at late readings only, and takes what is older for known. Begun anew when interrupted.
    const bound = await client.query<{ since: string | null }>(
      `SELECT nullif(dropped_until, '-infinity')::text AS since FROM tier_bound WHERE tier = $1`,
      [source],
    );
    await client.query(
      'CALL refresh_continuous_aggregate($1::regclass, $2::timestamptz, now() - make_interval(mins => $3))',
      [name, bound.rows[0]?.since ?? null, endMin],
    );
    // Not earlier than late readings reach: refreshing a time whose readings have been dropped would empty it.
    await client.query(
      `SELECT add_continuous_aggregate_policy($1::regclass, start_offset => make_interval(days => $2),
         end_offset => make_interval(mins => $3), schedule_interval => make_interval(mins => $4))`,
      [name, LATE_DAYS, endMin, everyMin],
    );
  }
  changes.push(`${name} is ${settings.policies ? `refreshed every ${everyMin} min` : 'refreshed no more by a policy'}`);
}

/** The job of a policy on a hypertable or continuous aggregate, and one of its settings. */
async function findJob(
  client: PoolClient,
  procedure: string,
  setting: string,
  table: string,
): Promise<Job | undefined> {
  const found = await client.query<Job>(
    `SELECT j.job_id AS id, j.config ->> $2 AS after FROM timescaledb_information.jobs AS j
     LEFT JOIN timescaledb_information.continuous_aggregates AS a ON a.materialization_hypertable_name = j.hypertable_name
     WHERE j.proc_name = $1 AND $3 IN (j.hypertable_name, a.view_name)`,
    [procedure, setting, table],
  );
  return found.rows[0];
}
