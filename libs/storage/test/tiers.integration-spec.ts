/**
 * One story (readings, booking, late readings, retention of each tier) told to every capability that can be had: after each chapter all
 * views answer alike, row by row. TimescaleDB Community comes from FELINAR_TEST_COMMUNITY_DATABASE_URL or from a container.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { databasesByCapability, testDatabase, type TestDatabase } from '#libs/testing';
import {
  applyTiers,
  beginIngest,
  bookEnergy,
  createPool,
  enforceRetention,
  inTransaction,
  prune,
  markLateReadings,
  writeTelemetry,
  type DatabaseCapability,
  type Pool,
  type RetentionSettings,
  type TelemetryRow,
} from '../src/index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
// The database's own clock decides what policies look at.
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const TODAY = Math.floor(NOW / DAY) * DAY;
const EVERYTHING: RetentionSettings = { readingsDays: 0, hourlyDays: 0, dailyDays: 0 };
const SETTINGS = { compressAfterDays: 7, policies: true };

const available = await databasesByCapability();

/** A database under the story. */
class City {
  private constructor(
    readonly database: TestDatabase,
    readonly pool: Pool,
    public capability: DatabaseCapability,
  ) {}

  static async build(options: Parameters<typeof testDatabase>[0]): Promise<City> {
    const database = await testDatabase(options);
    const pool = createPool(database.url, 4);
    await pool.query(`
      INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES
        ('botosani', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7), ('adelaide', 'Adelaide', 'Australia/Adelaide', -34.9, 138.6);
      INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
        VALUES ('LED-60', 'LED 60 W', 'LED', 60, 0.4, true, 10);
      INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude) VALUES
        (1, 'BT-1', 'BT-1', 1, 47.7, 26.7), (1, 'BT-2', 'BT-2', 1, 47.7, 26.7), (2, 'AD-1', 'AD-1', 1, -34.9, 138.6);`);
    return new City(database, pool, database.capability);
  }

  async apply(compressAfterDays = SETTINGS.compressAfterDays): Promise<readonly string[]> {
    return (await applyTiers(this.pool, { ...SETTINGS, compressAfterDays })).changes;
  }

  /** As ingest does it. */
  async ingest(rows: readonly TelemetryRow[]): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const fenceMs = await beginIngest(client);
      await writeTelemetry(client, rows);
      const late = rows.filter(({ timeMs }) => timeMs < fenceMs);
      await markLateReadings(
        client,
        late.map(({ lampId }) => lampId),
        late.map(({ timeMs }) => timeMs),
      );
    });
  }

  async book(): Promise<void> {
    while (!(await bookEnergy(this.pool, { nowMs: NOW, graceMs: 600_000, portionMs: 400 * DAY })).done);
  }

  /** What the policies of TimescaleDB Community do by themselves, at once: compress, refresh; nothing elsewhere. */
  async runPolicies(): Promise<number> {
    if (this.capability !== 'timescale-community') return 0;
    const jobs = await this.pool.query<{ id: number }>(
      `SELECT job_id AS id FROM timescaledb_information.jobs WHERE proc_name LIKE 'policy_%' AND hypertable_name IS NOT NULL
       ORDER BY proc_name = 'policy_compression', job_id`,
    );
    // The database's own scheduler has begun with them: it is stopped, and waited for.
    await this.pool.query('SELECT _timescaledb_functions.stop_background_workers()');
    const running = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ ' Policy \\[\\d+\\]$'`;
    while ((await this.pool.query(running)).rowCount !== 0) await sleep(50);
    for (const { id } of jobs.rows) await this.pool.query('CALL run_job($1)', [id]);
    return jobs.rows.length;
  }

  async retain(keep: Partial<RetentionSettings>): Promise<void> {
    const options = { nowMs: NOW, keep: { ...EVERYTHING, ...keep }, batchRows: 50, maxBatches: 3, maxDays: 2 };
    while (!(await enforceRetention(this.pool, this.capability, options)).done);
  }

  async count(table: string, where = 'true'): Promise<number> {
    const found = await this.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`);
    return found.rows[0]?.n ?? Number.NaN;
  }

  /** Every row that people read. */
  async answers(): Promise<Record<string, unknown[]>> {
    // Before the bound, what a chunk has that reaches beyond it is still there, and nothing of it where there are no chunks.
    const kept = (tier: string) => `hour >= (SELECT dropped_until FROM tier_bound WHERE tier = '${tier}')`;
    const read = async (sql: string) => (await this.pool.query(sql)).rows.map((row) => rounded(row));
    return {
      hours: await read(`SELECT * FROM energy_hourly WHERE ${kept('lamp_energy_hourly')} ORDER BY lamp_id, hour`),
      days: await read('SELECT lamp_id, day::text, energy_wh FROM energy_daily ORDER BY lamp_id, day'),
      sites: await read('SELECT site_id, hour, sum(energy_wh) AS wh FROM site_energy_part GROUP BY 1, 2 ORDER BY 1, 2'),
      measuresByHour: await read(
        `SELECT * FROM telemetry_hourly WHERE ${kept('telemetry_hourly')} ORDER BY lamp_id, hour`,
      ),
      measuresByDay: await read('SELECT * FROM telemetry_daily ORDER BY lamp_id, utc_day'),
    };
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.database.drop();
  }
}

/** Sums of floating point numbers depend on the order: six digits after the point do not. */
function rounded(row: Record<string, unknown>): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value]),
  );
}

/** Readings of the three lamps every `everyMs`, the level and the like going up and down; now and then a measure is missing. */
function readings(fromMs: number, toMs: number, everyMs: number): TelemetryRow[] {
  const rows: TelemetryRow[] = [];
  for (const lampId of [1, 2, 3]) {
    for (let timeMs = fromMs; timeMs < toMs; timeMs += everyMs) rows.push(reading(lampId, timeMs));
  }
  return rows;
}

function reading(lampId: number, timeMs: number): TelemetryRow {
  const step = Math.round((timeMs - (TODAY - 300 * DAY)) / 60_000);
  return {
    ...{ lampId, timeMs, receivedAtMs: timeMs },
    lightLevelPercent: (step / 30) % 7 === 0 ? undefined : (step * lampId) % 101,
    activePowerW: 20 + (step % 37) / 3,
    supplyVoltageV: 225 + (step % 11),
    temperatureC: -5 + ((step * lampId) % 29),
    activeEnergyWh: 1000 + step * 0.4 * lampId,
  };
}

/** The rule of telemetry_hourly, told once more. */
function expectedHours(rows: readonly TelemetryRow[]): unknown[] {
  const hours = new Map<string, TelemetryRow[]>();
  for (const row of rows) {
    const key = `${row.lampId}/${Math.floor(row.timeMs / HOUR)}`;
    hours.set(key, [...(hours.get(key) ?? []), row]);
  }
  const gauge = (name: string, values: readonly (number | null | undefined)[]) => {
    const there = values.filter((value) => value !== undefined && value !== null).map(Math.fround);
    const none = there.length === 0;
    return {
      [`${name}_min`]: none ? null : Math.min(...there),
      [`${name}_avg`]: none ? null : there.reduce((sum, value) => sum + value, 0) / there.length,
      [`${name}_max`]: none ? null : Math.max(...there),
    };
  };
  return [...hours.values()]
    .map((of) => ({ of, lampId: of[0]?.lampId ?? 0, hour: new Date(Math.floor((of[0]?.timeMs ?? 0) / HOUR) * HOUR) }))
    .sort((a, b) => a.lampId - b.lampId || a.hour.getTime() - b.hour.getTime())
    .map(({ of, lampId, hour }) => ({
      ...{ lamp_id: lampId, hour, readings: String(of.length) },
      ...gauge(
        'light_level_percent',
        of.map((row) => row.lightLevelPercent),
      ),
      ...gauge(
        'active_power_w',
        of.map((row) => row.activePowerW),
      ),
      ...gauge(
        'supply_voltage_v',
        of.map((row) => row.supplyVoltageV),
      ),
      ...gauge(
        'supply_current_a',
        of.map(() => undefined),
      ),
      ...gauge(
        'power_factor',
        of.map(() => undefined),
      ),
      ...gauge(
        'temperature_c',
        of.map((row) => row.temperatureC),
      ),
    }));
}

const ALL: readonly DatabaseCapability[] = ['postgres', 'timescale-apache', 'timescale-community'];
// Not silenced: a server that cannot be had cannot be tested; its name says what to do, and it runs where there is one.
for (const capability of ALL.filter((each) => !available.has(each))) {
  it.skip(`no ${capability} server here: ${
    capability === 'timescale-community'
      ? 'name one in FELINAR_TEST_COMMUNITY_DATABASE_URL'
      : 'the tests run on another edition'
  }`, () => undefined);
}

const ancient = readings(TODAY - 250 * DAY, TODAY - 247 * DAY, HOUR);
const recent = readings(TODAY - 22 * DAY, TODAY - 19 * DAY, HOUR / 2);
const newest = readings(NOW - 3 * HOUR, NOW, HOUR / 4);
/** What devices had kept to themselves, in the middle of what is known, and what they tell a second time. */
const late = [...readings(TODAY - 21 * DAY + 5 * 60_000, TODAY - 20 * DAY, 2 * HOUR), ...recent.slice(0, 10)];
const forgotten = reading(1, TODAY - 249 * DAY + 7 * 60_000);

describe('the same story on every capability', () => {
  const cities = new Map<DatabaseCapability, City>();
  const each = async (work: (city: City) => Promise<unknown>) => {
    for (const city of cities.values()) await work(city);
  };
  /** The answers, having made sure that they are the same everywhere. */
  const sameAnswers = async () => {
    const [first, ...others] = await Promise.all([...cities.values()].map((city) => city.answers()));
    for (const answers of others) expect(answers).toEqual(first);
    return first as Record<string, unknown[]>;
  };

  beforeAll(async () => {
    for (const [capability, options] of available) cities.set(capability, await City.build(options));
  }, 60_000);

  afterAll(async () => {
    await each((city) => city.close());
  });

  it('before anything is booked or materialized, the answers are there', async () => {
    await each((city) => city.ingest([...ancient, ...recent, ...newest]));
    const answers = await sameAnswers();
    await each((city) => city.apply());
    expect(await sameAnswers()).toEqual(answers);
    expect(answers['measuresByHour']).toEqual(
      (expectedHours([...ancient, ...recent, ...newest]) as Record<string, unknown>[]).map(rounded),
    );
    expect(answers['days']).not.toHaveLength(0);
  });

  it('nothing is dropped that is not booked', async () => {
    await each((city) => city.retain({ readingsDays: 180, hourlyDays: 200, dailyDays: 230 }));
    await each(async (city) => {
      expect(await city.count('telemetry')).toBe(ancient.length + recent.length + newest.length);
    });
  });

  it('booking, refreshing and compressing change no answer', async () => {
    const before = await sameAnswers();
    await each((city) => city.book());
    await each((city) => city.runPolicies());
    expect(await sameAnswers()).toEqual(before);
    const community = cities.get('timescale-community');
    if (community !== undefined) {
      expect(await community.count('timescaledb_information.chunks', 'is_compressed')).toBeGreaterThan(4);
    }
  });

  it('late readings come into hours and days, booked, averaged or compressed already or not', async () => {
    const before = await sameAnswers();
    await each((city) => city.ingest(late));
    await each((city) => city.book());
    await each((city) => city.runPolicies());
    const answers = await sameAnswers();
    const known = [...ancient, ...recent, ...newest, ...late.filter((row) => !recent.includes(row))];
    expect(answers['measuresByHour']).toEqual((expectedHours(known) as Record<string, unknown>[]).map(rounded));
    const total = (rows: unknown[] | undefined, key: string) =>
      (rows as Record<string, number>[]).reduce((sum, row) => sum + (row[key] ?? 0), 0);
    expect(total(answers['days'], 'energy_wh')).toBeCloseTo(total(before['days'], 'energy_wh'), 3);
    expect(total(answers['sites'], 'wh')).toBeCloseTo(total(answers['hours'], 'energy_wh'), 3);
  });

  it('dropped readings leave every answer as it was', async () => {
    const before = await sameAnswers();
    await each((city) => city.retain({ readingsDays: 180 }));
    await each(async (city) => {
      expect(await city.count('telemetry', `time < to_timestamp(${(TODAY - 180 * DAY) / 1000})`)).toBe(0);
      expect(await city.count('telemetry')).toBe(recent.length + newest.length + late.length - 10);
    });
    expect(await sameAnswers()).toEqual(before);
  });

  it('a reading from a time that has been dropped changes nothing, and goes', async () => {
    const before = await sameAnswers();
    await each((city) => city.ingest([forgotten]));
    await each((city) => city.book());
    await each((city) => city.runPolicies());
    expect(await sameAnswers()).toEqual(before);
    await each((city) => city.retain({ readingsDays: 180 }));
    await each(async (city) => {
      expect(await city.count('telemetry', `time < to_timestamp(${(TODAY - 180 * DAY) / 1000})`)).toBe(0);
    });
    expect(await sameAnswers()).toEqual(before);
  });

  it('late readings that wait to be booked hold retention back', async () => {
    const pending = `INSERT INTO energy_late (lamp_id, time) VALUES (1, to_timestamp(${(TODAY - 21 * DAY) / 1000}))`;
    await each(async (city) => {
      await city.pool.query(pending);
      await city.retain({ readingsDays: 10 });
      expect(await city.count('telemetry', `time < to_timestamp(${(TODAY - 21 * DAY) / 1000})`)).toBe(3 * 48);
      await city.book();
    });
  });

  it('dropped hours leave the days', async () => {
    const before = await sameAnswers();
    await each((city) => city.retain({ readingsDays: 180, hourlyDays: 200 }));
    const after = await sameAnswers();
    expect(after['days']).toEqual(before['days']);
    expect(after['measuresByDay']).toEqual(before['measuresByDay']);
    expect(after['sites']).toEqual(before['sites']);
    await each((city) => city.runPolicies());
    expect((await sameAnswers())['measuresByDay']).toEqual(before['measuresByDay']);
    await each(async (city) => {
      expect(
        await city.count('tier_bound', `tier = 'lamp_energy_hourly' AND dropped_until > now() - interval '202 days'`),
      ).toBe(1);
    });
  });

  it('what was dealt with long ago is pruned, what is younger or open stays', async () => {
    const at = (days: number) => `to_timestamp(${(NOW - days * DAY) / 1000})`;
    const keep = { faultsDays: 100, messagesDays: 0, commandsDays: 90, eventsDays: 400, rejectedDays: 30 };
    await each(async (city) => {
      const fault = (subject: string, phase: string, days: number) =>
        `(1, 'lampFailure', 'major', 'lamp', '${subject}', '${phase}', '{}', '', ${at(days)}, ${at(days)})`;
      await city.pool.query(`
        INSERT INTO rejected_message (received_at, reason, detail, topic, payload, payload_bytes)
          SELECT time, 'x', '', '', '', 0 FROM (VALUES (${at(31)}), (${at(29)})) AS one (time);
        INSERT INTO fault (site_id, kind, severity, subject_kind, subject, phase, state, evidence, seen_at, closed_at)
          VALUES ${fault('lamp:1', 'closed', 101)}, ${fault('lamp:2', 'closed', 99)}, ${fault('lamp:3', 'open', 300)}`);
      const { dropped, done } = await prune(city.pool, { nowMs: NOW, keep, batchRows: 10, maxBatches: 2 });
      expect(done).toBe(true);
      expect(dropped.filter(({ count }) => count > 0).map(({ table, count }) => [table, count])).toEqual([
        ['fault', 1],
        ['rejected_message', 1],
      ]);
      expect(dropped.map(({ table }) => table)).not.toContain('delivery');
      await prune(city.pool, { nowMs: NOW, keep: { ...keep, messagesDays: 90 }, batchRows: 10, maxBatches: 2 });
    });
  });
});
