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

  /** Buckets of `bucketS` seconds, counted from `origin`. Buckets without readings are left out. */
  async buckets(
    lampId: number,
    from: Date,
    to: Date,
    measures: readonly Measure[],
    bucketS: number,
    origin: Date,
  ): Promise<TelemetryBucket[]> {
    const columns = measures.map((measure) =>
      isGauge(measure)
        ? `json_build_object('min', min(${column(measure)}), 'avg', avg(${column(measure)}), 'max', max(${column(measure)})) AS "${measure}"`
        : `json_build_object('last', (array_agg(${column(measure)} ORDER BY time DESC) FILTER (WHERE ${column(measure)} IS NOT NULL))[1]) AS "${measure}"`,
    );
    const rows = (await this.dataSource.query(
      `SELECT ${[
        `date_bin(make_interval(secs => $4), time, $5::timestamptz) AS start`,
        'count(*)::int AS count',
        ...columns,
      ].join(', ')} FROM telemetry
        WHERE lamp_id = $1 AND time >= $2 AND time < $3 GROUP BY 1 ORDER BY 1`,
      [lampId, from, to, bucketS, origin],
    )) as ({ start: Date; count: number } & Record<Measure, GaugeBucket | RegisterBucket>)[];
    return rows.map(({ start, count, ...values }) => ({ start, count, measures: values }));
  }
}
