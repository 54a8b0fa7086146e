import type { DataSource } from 'typeorm';

/** Measures that go up and down: a bucket has their least, mean and greatest value. */
export const GAUGES = {
  lightLevelPercent: 'light_level_percent',
  activePowerW: 'active_power_w',
  supplyVoltageV: 'supply_voltage_v',
  supplyCurrentA: 'supply_current_a',
  powerFactor: 'power_factor',
  temperatureC: 'temperature_c',
} as const;

/** Measures that only grow: a bucket has the last value. */
export const REGISTERS = {
  activeEnergyWh: 'active_energy_wh',
  operatingHours: 'operating_hours',
  switchOnCount: 'switch_on_count',
} as const;

export type Gauge = keyof typeof GAUGES;
export type Register = keyof typeof REGISTERS;
export type Measure = Gauge | Register;

export interface GaugeBucket {
  readonly min: number | null;
  readonly avg: number | null;
  readonly max: number | null;
}
export interface RegisterBucket {
  readonly last: number | null;
}
export interface TelemetryBucket {
  readonly start: Date;
  readonly count: number;
  readonly measures: Readonly<Partial<Record<Measure, GaugeBucket | RegisterBucket>>>;
}
export type TelemetryReading = { readonly time: Date } & Readonly<Partial<Record<Measure, number | null>>>;

/** ms since the epoch; -Infinity: nothing has been dropped. */
export interface TelemetryBounds {
  readonly readingsSinceMs: number;
  readonly hoursSinceMs: number;
}

const column = (measure: Measure): string => ({ ...GAUGES, ...REGISTERS })[measure];
const isGauge = (measure: Measure): measure is Gauge => measure in GAUGES;

/** The readings of one lamp over time. */
export class TelemetryRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Whether there are at the most `max` readings from `from` (inclusive) to `to` (exclusive). */
  async fits(lampId: number, from: Date, to: Date, max: number): Promise<boolean> {
    const [row] = (await this.dataSource.query(
      `SELECT count(*)::int AS n FROM
         (SELECT 1 FROM telemetry WHERE lamp_id = $1 AND time >= $2 AND time < $3 LIMIT $4) AS counted`,
      [lampId, from, to, max + 1],
    )) as [{ n: number }];
    return row.n <= max;
  }

  /** The readings as they are, in the order of time. */
  readings(
    lampId: number,
    from: Date,
    to: Date,
    measures: readonly Measure[],
    max: number,
  ): Promise<TelemetryReading[]> {
    const columns = measures.map((measure) => `${column(measure)}::double precision AS "${measure}"`);
    return this.dataSource.query(
      `SELECT ${['time', ...columns].join(', ')} FROM telemetry
        WHERE lamp_id = $1 AND time >= $2 AND time < $3 ORDER BY time LIMIT $4`,
      [lampId, from, to, max],
    );
  }

  /** Since when there are readings, and averages by the hour: what is older has been dropped. */
  async keptSince(): Promise<TelemetryBounds> {
    const rows = (await this.dataSource.query(
      `SELECT tier, (extract(epoch FROM dropped_until) * 1000)::float8 AS ms FROM tier_bound WHERE tier IN ('telemetry', 'telemetry_hourly')`,
    )) as { tier: string; ms: number }[];
    const of = (name: string) => rows.find(({ tier }) => tier === name)?.ms ?? Number.NEGATIVE_INFINITY;
    return { readingsSinceMs: of('telemetry'), hoursSinceMs: of('telemetry_hourly') };
  }

  /**
   * Buckets of `bucketS` seconds, counted from `origin`. Buckets without readings are left out. What is older than the readings that are kept comes
   * from the averages by hour, and what is older than these from those by day (of UTC): it has no registers, and wants buckets as large.
   */
  async buckets(
    lampId: number,
    from: Date,
    to: Date,
    measures: readonly Measure[],
    bucketS: number,
    origin: Date,
  ): Promise<TelemetryBucket[]> {
    const { readingsSinceMs, hoursSinceMs } = await this.keptSince();
    const [gauges, registers] = [measures.filter(isGauge), measures.filter((measure) => !isGauge(measure))].map(
      (some) => some.map(column),
    ) as [string[], string[]];
    const within = (sinceMs: number, untilMs: number): [Date, Date] => [
      new Date(Math.max(from.getTime(), sinceMs)),
      new Date(Math.min(to.getTime(), untilMs)),
    ];
    const sources = [
      {
        range: within(Number.NEGATIVE_INFINITY, hoursSinceMs),
        part: averages('telemetry_daily_part', 'utc_day', '1 day', gauges, registers),
      },
      {
        range: within(hoursSinceMs, readingsSinceMs),
        part: averages('telemetry_hourly_part', 'hour', '1 hour', gauges, registers),
      },
      { range: within(readingsSinceMs, Number.POSITIVE_INFINITY), part: readingParts(gauges, registers) },
    ].filter(({ range: [since, until] }) => since < until);
    const parts = sources.map(({ part }, index) =>
      part(`$${4 + 2 * index}::timestamptz`, `$${5 + 2 * index}::timestamptz`),
    );
    const columns = measures.map((measure) => {
      const of = column(measure);
      return isGauge(measure)
        ? `json_build_object('min', min(${of}_min), 'avg', sum(${of}_sum) / nullif(sum(${of}_n), 0), 'max', max(${of}_max)) AS "${measure}"`
        : `json_build_object('last', (array_agg(${of} ORDER BY at DESC) FILTER (WHERE ${of} IS NOT NULL))[1]) AS "${measure}"`;
    });
    const rows = (await this.dataSource.query(
      `SELECT ${['date_bin(make_interval(secs => $2), at, $3::timestamptz) AS start', 'sum(readings)::int AS count', ...columns].join(', ')}
        FROM (${parts.join(' UNION ALL ')}) AS part GROUP BY 1 ORDER BY 1`,
      [lampId, bucketS, origin, ...sources.flatMap(({ range }) => range)],
    )) as ({ start: Date; count: number } & Record<Measure, GaugeBucket | RegisterBucket>)[];
    return rows.map(({ start, count, ...values }) => ({ start, count, measures: values }));
  }
}

type Part = (since: string, until: string) => string;

/** Readings as parts of a bucket, from `since` to `until`. */
function readingParts(gauges: readonly string[], registers: readonly string[]): Part {
  const columns = [
    'time AS at, 1::bigint AS readings',
    ...gauges.map(
      (each) =>
        `${each} AS ${each}_min, ${each} AS ${each}_max, ${each}::float8 AS ${each}_sum, (${each} IS NOT NULL)::int AS ${each}_n`,
    ),
    ...registers.map((each) => `${each}::float8`),
  ];
  return (since, until) =>
    `SELECT ${columns.join(', ')} FROM telemetry WHERE lamp_id = $1 AND time >= ${since} AND time < ${until}`;
}

/** Averages as parts of a bucket. The first may have begun before `since`, where it is counted then. */
function averages(
  view: string,
  time: string,
  length: string,
  gauges: readonly string[],
  registers: readonly string[],
): Part {
  return (since, until) => {
    const columns = [
      `greatest(${time}, ${since}) AS at, readings`,
      ...gauges.map((each) => `${each}_min, ${each}_max, ${each}_sum, ${each}_n`),
      ...registers.map((each) => `NULL::float8 AS ${each}`),
    ];
    return `SELECT ${columns.join(', ')} FROM ${view}
      WHERE lamp_id = $1 AND ${time} > ${since} - interval '${length}' AND ${time} < ${until}`;
  };
}
