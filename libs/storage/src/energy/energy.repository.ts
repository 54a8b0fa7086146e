import type { PricedHour } from '#libs/energy';
import type { DataSource } from 'typeorm';

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

  /** Energy and cost by key, local bucket and tariff band, ordered so. */
  async series(query: EnergyQuery): Promise<EnergyRow[]> {
    const { key, join } = GROUPINGS[query.groupBy];
    const filters = [
      query.cabinetId === undefined ? '' : 'AND lamp.cabinet_id = $7',
      query.groupId === undefined
        ? ''
        : 'AND EXISTS (SELECT FROM lamp_group_member AS m WHERE m.lamp_id = lamp.id AND m.group_id = $8)',
      query.lampId === undefined ? '' : 'AND part.lamp_id = $9',
    ].join(' ');
    return this.dataSource.query<EnergyRow[]>(
      `WITH price AS (
         SELECT hour, band, currency, price_per_kwh, fraction
         FROM unnest($10::timestamptz[], $11::text[], $12::text[], $13::float8[], $14::float8[])
           AS input (hour, band, currency, price_per_kwh, fraction)
       ), hourly AS (
         SELECT ${key} AS key, part.hour, sum(part.energy_wh) AS energy_wh
         FROM energy_part AS part
         JOIN lamp ON lamp.id = part.lamp_id
         JOIN site ON site.id = lamp.site_id
         ${join}
         WHERE lamp.site_id = $1 AND part.hour >= $2 AND part.hour < $3 ${filters}
           AND ($7::integer IS NULL OR true) AND ($8::integer IS NULL OR true) AND ($9::integer IS NULL OR true)
         GROUP BY 1, 2
       )
       SELECT hourly.key, date_trunc($4, hourly.hour, $5) AS start,
         (extract(epoch FROM
           ((date_trunc($4, hourly.hour, $5) AT TIME ZONE $5) + ('1 ' || $4)::interval) AT TIME ZONE $5
           - date_trunc($4, hourly.hour, $5)) / 3600)::float8 AS hours,
         price.band, price.currency,
         sum(hourly.energy_wh * coalesce(price.fraction, 1)) AS "energyWh",
         sum(hourly.energy_wh * price.fraction * price.price_per_kwh / 1000) AS cost
       FROM hourly LEFT JOIN price ON price.hour = hourly.hour
       GROUP BY 1, 2, 3, 4, 5
       ORDER BY 1 NULLS LAST, 2, 4
       LIMIT $6 + 1`,
      [
        query.siteId,
        query.from,
        query.to,
        query.by,
        query.timeZone,
        query.limit,
        query.cabinetId ?? null,
        query.groupId ?? null,
        query.lampId ?? null,
        query.prices.map(({ hourMs }) => new Date(hourMs)),
        query.prices.map(({ band }) => band),
        query.prices.map(({ currency }) => currency),
        query.prices.map(({ pricePerKwh }) => pricePerKwh),
        query.prices.map(({ fraction }) => fraction),
      ],
    );
  }
}
