import { pastReadings, type City } from '#simulators';
import { bookEnergy } from '../energy/index.js';
import { beginIngest } from '../energy/late-readings.js';
import type { DatabaseCapability } from '../capability.js';
import type { Pool } from '../pool.js';
import { writeTelemetry } from '../telemetry/telemetry-writer.js';
import type { TelemetryRow } from '../telemetry/telemetry-row.js';
import { applyTiers, enforceRetention } from '../tiers/index.js';
import { inTransaction } from '../transaction.js';

const DAY_MS = 86_400_000;
const DAYS_PER_YEAR = 365.25;
const BATCH_ROWS = 4000;

/** What one row of a tier takes on disk, bytes: in its table (with what is stored out of line), in its indexes. */
export interface RowBytes {
  readonly table: number;
  readonly indexes: number;
}

export interface TierFigures {
  readonly tier: string;
  readonly rows: number;
  readonly rowsPerLampYear: number;
  readonly bytesPerRow: RowBytes;
  /** Where the edition compresses and the tier is compressed. */
  readonly compressedBytesPerRow?: number;
}

export interface StorageRun {
  readonly city: City;
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalS: number;
  readonly say: (line: string) => void;
}

interface TierTable {
  readonly tier: string;
  readonly table: string;
  readonly column: string;
  /** Hours or days in a year; absent for readings, which come when they come. */
  readonly perYear?: number;
}

const HOURS_PER_YEAR = 24 * DAYS_PER_YEAR;

const RAW: TierTable = { tier: 'readings', table: 'telemetry', column: 'time' };
const ENERGY: readonly TierTable[] = [
  { tier: 'energy of lamps, by hour', table: 'lamp_energy_hourly', column: 'hour', perYear: HOURS_PER_YEAR },
  { tier: 'energy of lamps, by day', table: 'lamp_energy_daily', column: 'day', perYear: DAYS_PER_YEAR },
  { tier: 'energy of sites, by hour', table: 'site_energy_hourly', column: 'hour', perYear: HOURS_PER_YEAR },
];
/** Under the views telemetry_hourly and telemetry_daily: continuous aggregates, or what retention keeps of dropped readings. */
const averages = (suffix: 'aggregate' | 'kept'): readonly TierTable[] => [
  { tier: 'averages of lamps, by hour', table: `telemetry_hourly_${suffix}`, column: 'hour', perYear: HOURS_PER_YEAR },
  { tier: 'averages of lamps, by day', table: `telemetry_daily_${suffix}`, column: 'utc_day', perYear: DAYS_PER_YEAR },
];

/** Fills the database as ingest does and measures each tier as each process makes it. The database must be migrated and have the city. */
export async function measureTiers(
  pool: Pool,
  capability: DatabaseCapability,
  run: StorageRun,
): Promise<TierFigures[]> {
  const lampIds = await lampIdsOf(pool, run.city);
  await fill(pool, run, lampIds);
  const { toMs, say } = run;
  while (!(await bookEnergy(pool, { nowMs: toMs, graceMs: 0, portionMs: 6 * 3_600_000 })).done);
  const figures: TierFigures[] = [];
  const measure = async (of: readonly TierTable[]) => {
    for (const tier of of) figures.push(await measureTier(pool, capability, tier, run));
  };
  await pool.query('VACUUM ANALYZE');
  if (capability === 'timescale-community') {
    say('  averaging and compressing …');
    await applyTiers(pool, { compressAfterDays: 7, policies: true });
    await measure([RAW, ...ENERGY, ...averages('aggregate')]);
  } else {
    await measure([RAW, ...ENERGY]);
    say('  averaging what is dropped …');
    const keep = { readingsDays: 2, hourlyDays: 3, dailyDays: 0 };
    const options = { nowMs: toMs, keep, batchRows: 50_000, maxBatches: 100, maxDays: 7 };
    // Of hours only the newest stay, which is enough to measure them: days are made of the others.
    const hours = { ...options, keep: { ...keep, hourlyDays: 0 } };
    while (!(await enforceRetention(pool, capability, hours)).done);
    await measure(averages('kept').slice(0, 1));
    while (!(await enforceRetention(pool, capability, options)).done);
    await measure(averages('kept').slice(1));
  }
  return figures;
}

async function fill(
  pool: Pool,
  { city, fromMs, toMs, intervalS, say }: StorageRun,
  lampIds: readonly number[],
): Promise<void> {
  let batch: TelemetryRow[] = [];
  let written = 0;
  const store = async () => {
    await inTransaction(pool, async (client) => {
      await beginIngest(client);
      await writeTelemetry(client, batch);
    });
    written += batch.length;
    batch = [];
  };
  for (const { lamp, timeMs, reading } of pastReadings(city, fromMs, toMs, intervalS)) {
    const { lamp: _address, time: _time, ...measures } = reading;
    // Half a second on its way, like a controller's by radio.
    batch.push({ lampId: lampIds[lamp] ?? 0, timeMs, receivedAtMs: timeMs + 500, ...measures });
    if (batch.length >= BATCH_ROWS) await store();
  }
  if (batch.length > 0) await store();
  say(`  ${written} readings`);
}

async function lampIdsOf(pool: Pool, city: City): Promise<number[]> {
  const found = await pool.query<{ id: number; address: string }>('SELECT id, address FROM lamp');
  const ids = new Map(found.rows.map(({ id, address }) => [address, id]));
  return city.lamps.map(({ address }) => ids.get(address) ?? 0);
}

async function measureTier(
  pool: Pool,
  capability: DatabaseCapability,
  { tier, table, column, perYear }: TierTable,
  { city, fromMs, toMs }: StorageRun,
): Promise<TierFigures> {
  const counted = await pool.query<{ n: string; times: string }>(
    `SELECT count(*) AS n, count(DISTINCT ${column}) AS times FROM ${table}`,
  );
  const rows = Number(counted.rows[0]?.n);
  const sized = await sizeOf(pool, capability, table);
  // Of hours and days it counts how many have a row: retention has dropped some of them, and days of the calendar reach beyond those filled.
  const years =
    perYear === undefined ? (toMs - fromMs) / DAY_MS / DAYS_PER_YEAR : Number(counted.rows[0]?.times) / perYear;
  const figures = {
    tier,
    rows,
    // Rows of the site stand for all of its lamps.
    rowsPerLampYear: round(rows / city.lamps.length / years, perYear === undefined ? 0 : 2),
    bytesPerRow: { table: round(sized.tableBytes / rows, 1), indexes: round(sized.indexBytes / rows, 1) },
  };
  const compressed = capability === 'timescale-community' ? await compress(pool, table, rows) : undefined;
  return compressed === undefined ? figures : { ...figures, compressedBytesPerRow: round(compressed, 1) };
}

/** What stands behind a table or continuous aggregate, chunks included. */
async function sizeOf(
  pool: Pool,
  capability: DatabaseCapability,
  table: string,
): Promise<{ tableBytes: number; indexBytes: number }> {
  const hypertable = capability === 'postgres' ? undefined : await hypertableOf(pool, table);
  const found = await pool.query<{ table: string; indexes: string }>(
    hypertable === undefined
      ? `SELECT pg_table_size($1::regclass) AS "table", pg_indexes_size($1::regclass) AS indexes`
      : `SELECT sum(pg_table_size(format('%I.%I', chunk_schema, chunk_name)::regclass)) AS "table",
           sum(pg_indexes_size(format('%I.%I', chunk_schema, chunk_name)::regclass)) AS indexes
         FROM timescaledb_information.chunks WHERE hypertable_name = $1`,
    [hypertable ?? table],
  );
  return { tableBytes: Number(found.rows[0]?.table), indexBytes: Number(found.rows[0]?.indexes) };
}

async function hypertableOf(pool: Pool, table: string): Promise<string | undefined> {
  const found = await pool.query<{ name: string }>(
    `SELECT hypertable_name AS name FROM timescaledb_information.hypertables WHERE hypertable_name = $1`,
    [table],
  );
  if (found.rows[0] !== undefined) return found.rows[0].name;
  const aggregate = await pool
    .query<{ name: string }>(
      `SELECT materialization_hypertable_name AS name FROM timescaledb_information.continuous_aggregates WHERE view_name = $1`,
      [table],
    )
    .catch(() => undefined);
  return aggregate?.rows[0]?.name;
}

/** Compresses every chunk as the policy would when it is old enough; bytes a row then. Undefined where compression is not set up. */
async function compress(pool: Pool, table: string, rows: number): Promise<number | undefined> {
  const hypertable = await hypertableOf(pool, table);
  // Of the table's own name: an aggregate's hypertable has another.
  const on = await pool.query(
    `SELECT 1 FROM timescaledb_information.hypertables WHERE hypertable_name = $1 AND compression_enabled
     UNION ALL
     SELECT 1 FROM timescaledb_information.continuous_aggregates WHERE view_name = $1 AND compression_enabled`,
    [table],
  );
  if (hypertable === undefined || on.rowCount === 0) return undefined;
  await pool.query(
    `SELECT compress_chunk(format('%I.%I', chunk_schema, chunk_name)::regclass, if_not_compressed => true)
     FROM timescaledb_information.chunks WHERE hypertable_name = $1`,
    [hypertable],
  );
  const found = await pool.query<{ bytes: string }>(
    `SELECT sum(after_compression_total_bytes) AS bytes FROM chunk_compression_stats($1::regclass)`,
    [table.endsWith('_aggregate') ? `_timescaledb_internal.${hypertable}` : hypertable],
  );
  return Number(found.rows[0]?.bytes) / rows;
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
