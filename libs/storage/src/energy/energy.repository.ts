import type { PricedHour } from '#libs/energy';
import type { DataSource } from 'typeorm';
import { planEnergy, type DayPrice, type EnergyPlan, type InstantRange } from './energy-plan.js';

export type EnergyBucket = 'hour' | 'day' | 'month';
export type EnergyGrouping = 'site' | 'cabinet' | 'group' | 'lamp';

export interface EnergyQuery {
  readonly siteId: number;
  /** IANA zone of the site. */
  readonly timeZone: string;
  /** Start of a local hour of the site, as are `to` and the hours of `prices`. */
  readonly from: Date;
  readonly to: Date;
  /** Buckets are local to the site: days of 23 or 25 hours, months as long as they are. */
  readonly by: EnergyBucket;
  readonly groupBy: EnergyGrouping;
  readonly cabinetId?: number | undefined;
  readonly groupId?: number | undefined;
  readonly lampId?: number | undefined;
  /** Prices of every hour asked for (libs/energy `pricedHours`); none: energy without cost. */
  readonly prices: readonly PricedHour[];
  /** Rows at the most; one more is returned when there would be more. */
  readonly limit: number;
}

/** Energy of one key in one bucket, and the part of it that fell into one tariff band. */
export interface EnergyRow {
  /** Address of the cabinet, group, lamp or site; null for lamps without a cabinet. */
  readonly key: string | null;
  /** Start of the local hour, day or month. */
  readonly start: Date;
  /** Length of the bucket, h. */
  readonly hours: number;
  /** Null where no tariff holds. */
  readonly band: string | null;
  readonly currency: string | null;
  readonly energyWh: number;
  /** In `currency`; null where no tariff holds. */
  readonly cost: number | null;
}

/** A lamp in several groups counts in each of them, so groups do not add up to the site. Removed lamps count for their past. */
const GROUPINGS: Record<EnergyGrouping, { readonly key: string; readonly join: string }> = {
  site: { key: 'site.address', join: '' },
  lamp: { key: 'lamp.address', join: '' },
  cabinet: { key: 'cabinet.address', join: 'LEFT JOIN cabinet ON cabinet.id = lamp.cabinet_id' },
  group: {
    key: 'lamp_group.address',
    join: `JOIN lamp_group_member AS grouped ON grouped.lamp_id = lamp.id JOIN lamp_group ON lamp_group.id = grouped.group_id`,
  },
};

export class EnergyRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Energy and cost by key, local bucket and tariff band, ordered so. From the coarsest tiers that answer alike (`planEnergy`), or from those
   * that `plan` names.
   */
  async series(query: EnergyQuery, plan?: EnergyPlan): Promise<EnergyRow[]> {
    const { hoursOf, hours, days } = plan ?? planEnergy(query, await this.hoursSinceMs());
    const parameters = new Parameters();
    const parts = [
      ...hours.map((range) =>
        hoursOf === 'site' ? siteHours(query, range, parameters) : lampHours(query, range, parameters),
      ),
      ...(days.length === 0 ? [] : [lampDays(query, days, parameters)]),
    ];
    const [by, timeZone] = [parameters.add(query.by, 'text'), parameters.add(query.timeZone, 'text')];
    const start = `date_trunc(${by}, part.at, ${timeZone})`;
    return this.dataSource.query<EnergyRow[]>(
      `WITH price AS (
         SELECT hour, band, currency, price_per_kwh, fraction
         FROM unnest(${pricesOf(query.prices, parameters)}) AS input (hour, band, currency, price_per_kwh, fraction)
       )
       SELECT part.key, ${start} AS start,
         -- By wall time, so that a day of 25 hours has them; not the hour that comes twice in it.
         CASE WHEN ${by} = 'hour' THEN 1
           ELSE extract(epoch FROM ((${start} AT TIME ZONE ${timeZone}) + ('1 ' || ${by})::interval) AT TIME ZONE ${timeZone} - ${start}) / 3600
         END::float8 AS hours,
         part.band, part.currency, sum(part.energy_wh) AS "energyWh", sum(part.cost) AS cost
       FROM (${parts.join(' UNION ALL ')}) AS part
       GROUP BY 1, 2, 3, 4, 5
       ORDER BY 1 NULLS LAST, 2, 4
       LIMIT ${parameters.add(query.limit + 1, 'integer')}`,
      parameters.values,
    );
  }

  /** Since when the energy of single lamps is kept by the hour. */
  private async hoursSinceMs(): Promise<number> {
    const found = (await this.dataSource.query(
      `SELECT (extract(epoch FROM dropped_until) * 1000)::float8 AS ms FROM tier_bound WHERE tier = 'lamp_energy_hourly'`,
    )) as { ms: number }[];
    return found[0]?.ms ?? Number.NEGATIVE_INFINITY;
  }
}

/** The values of a statement, each with its place. */
class Parameters {
  readonly values: unknown[] = [];

  /** The value's place, `$n` with its type. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** Hours (key, hour, energy_wh) with their prices: a part for each band of an hour. */
const priced = (hourly: string) => `
  SELECT hourly.key, hourly.hour AS at, price.band, price.currency, hourly.energy_wh * coalesce(price.fraction, 1) AS energy_wh,
    hourly.energy_wh * price.fraction * price.price_per_kwh / 1000 AS cost
  FROM (${hourly}) AS hourly LEFT JOIN price ON price.hour = hourly.hour`;

function siteHours({ siteId }: EnergyQuery, { from, to }: InstantRange, parameters: Parameters): string {
  return priced(`
    SELECT site.address AS key, part.hour, sum(part.energy_wh) AS energy_wh
    FROM site_energy_part AS part JOIN site ON site.id = part.site_id
    WHERE part.site_id = ${parameters.add(siteId, 'integer')}
      AND part.hour >= ${parameters.add(from, 'timestamptz')} AND part.hour < ${parameters.add(to, 'timestamptz')}
    GROUP BY 1, 2`);
}

function lampHours(query: EnergyQuery, { from, to }: InstantRange, parameters: Parameters): string {
  const { key, join } = GROUPINGS[query.groupBy];
  return priced(`
    SELECT ${key} AS key, part.hour, sum(part.energy_wh) AS energy_wh
    FROM energy_part AS part JOIN lamp ON lamp.id = part.lamp_id JOIN site ON site.id = lamp.site_id ${join}
    WHERE part.hour >= ${parameters.add(from, 'timestamptz')} AND part.hour < ${parameters.add(to, 'timestamptz')}
      AND ${lampFilter(query, parameters)}
    GROUP BY 1, 2`);
}

function lampDays(query: EnergyQuery, days: readonly DayPrice[], parameters: Parameters): string {
  const { key, join } = GROUPINGS[query.groupBy];
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  const columns = [
    parameters.add(
      days.map(({ day }) => day),
      'date[]',
    ),
    parameters.add(
      days.map(({ band }) => band),
      'text[]',
    ),
    parameters.add(
      days.map(({ currency }) => currency),
      'text[]',
    ),
    parameters.add(
      days.map(({ pricePerKwh }) => pricePerKwh),
      'float8[]',
    ),
  ];
  const timeZone = parameters.add(query.timeZone, 'text');
  // The bucket of each day is worked out once, not for every row, and the rows of a year are added up in one go.
  return `
    SELECT ${key} AS key, price.at, price.band, price.currency, sum(part.energy_wh) AS energy_wh,
      sum(part.energy_wh * price.price_per_kwh / 1000) AS cost
    FROM energy_daily_part AS part JOIN lamp ON lamp.id = part.lamp_id JOIN site ON site.id = lamp.site_id ${join}
    JOIN (
      SELECT day, date_trunc(${parameters.add(query.by, 'text')}, day::timestamp AT TIME ZONE ${timeZone}, ${timeZone}) AS at, band, currency, price_per_kwh
      FROM unnest(${columns.join(', ')}) AS input (day, band, currency, price_per_kwh)
    ) AS price ON price.day = part.day
    WHERE part.day >= ${parameters.add(first, 'date')} AND part.day <= ${parameters.add(last, 'date')} AND ${lampFilter(query, parameters)}
    GROUP BY 1, 2, 3, 4`;
}

function lampFilter({ siteId, cabinetId, groupId, lampId }: EnergyQuery, parameters: Parameters): string {
  const id = (value: number) => parameters.add(value, 'integer');
  return [
    `lamp.site_id = ${id(siteId)}`,
    ...(cabinetId === undefined ? [] : [`lamp.cabinet_id = ${id(cabinetId)}`]),
    ...(groupId === undefined
      ? []
      : [`EXISTS (SELECT FROM lamp_group_member AS m WHERE m.lamp_id = lamp.id AND m.group_id = ${id(groupId)})`]),
    ...(lampId === undefined ? [] : [`part.lamp_id = ${id(lampId)}`]),
  ].join(' AND ');
}

function pricesOf(prices: readonly PricedHour[], parameters: Parameters): string {
  return [
    parameters.add(
      prices.map(({ hourMs }) => new Date(hourMs)),
      'timestamptz[]',
    ),
    parameters.add(
      prices.map(({ band }) => band),
      'text[]',
    ),
    parameters.add(
      prices.map(({ currency }) => currency),
      'text[]',
    ),
    parameters.add(
      prices.map(({ pricePerKwh }) => pricePerKwh),
      'float8[]',
    ),
    parameters.add(
      prices.map(({ fraction }) => fraction),
      'float8[]',
    ),
  ].join(', ');
}
