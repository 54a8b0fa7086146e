/** Energy summed by segment, from the same view that the API reads: done again for the days that may have changed, so a restart heals itself. */
import type { PricedHour, TariffPrices } from '#libs/energy';
import type { Pool } from '../pool.js';
import { inTransaction } from '../transaction.js';
import { completeSegments } from './segments.js';

/** A local hour of a local day, and which part of it is dark. */
export interface DarkHour {
  readonly hourMs: number;
  readonly day: string;
  /** From sunset to sunrise and not in the future, h. */
  readonly darkH: number;
}

/** What is known of a site for summing. */
export interface SummingSite {
  readonly timeZone: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly tariffs: readonly TariffPrices[];
  /** When every day was summed last, and with which tariffs; null: never. */
  readonly summedAtMs: number | null;
  readonly summedTariffs: string | null;
  /** Start of the first hour of which energy is summed; null: none. */
  readonly firstHourMs: number | null;
}

/** Reads what summing takes. Undefined when there is no such site. */
export async function readSummingSite(pool: Pool, siteId: number): Promise<SummingSite | undefined> {
  const found = await pool.query<SummingSite>(
    `SELECT site.time_zone AS "timeZone", site.latitude, site.longitude,
       (SELECT coalesce(json_agg(json_build_object('validFrom', valid_from, 'currency', currency, 'basePricePerKwh', base_price_per_kwh, 'bands', bands)
         ORDER BY valid_from), '[]') FROM tariff WHERE site_id = site.id) AS tariffs,
       (extract(epoch FROM summary.summed_at) * 1000)::float8 AS "summedAtMs", summary.tariffs AS "summedTariffs",
       (SELECT (extract(epoch FROM min(hour)) * 1000)::float8 FROM segment_energy_hourly JOIN lamp_segment ON lamp_segment.id = segment_id
         WHERE lamp_segment.site_id = site.id) AS "firstHourMs"
     FROM site LEFT JOIN energy_summary AS summary ON summary.site_id = site.id WHERE site.id = $1`,
    [siteId],
  );
  return found.rows[0];
}

/**
 * Sums the hours in [fromMs, toMs) by segment. Hours of which single lamps' energy is not kept any more stay as they were summed.
 */
export async function sumHours(pool: Pool, siteId: number, fromMs: number, toMs: number): Promise<void> {
  await inTransaction(pool, async (client) => {
    await completeSegments(client, siteId);
    const range = [siteId, new Date(fromMs), new Date(toMs)];
    await client.query('DROP TABLE IF EXISTS pg_temp.summed_hour');
    await client.query(
      `CREATE TEMP TABLE summed_hour (segment_id integer, hour timestamptz, energy_wh float8, rated_power_w float8) ON COMMIT DROP`,
    );
    // A table, because of the view the planner believes that it has a dozen lamps, and compares each of the thousands with every hour of all.
    await client.query('DROP TABLE IF EXISTS pg_temp.summed_lamp');
    await client.query(
      `CREATE TEMP TABLE summed_lamp ON COMMIT DROP AS
       SELECT segment.lamp_id, segment.segment_id, lamp_type.rated_power_w FROM lamp_in_segment AS segment
       JOIN lamp ON lamp.id = segment.lamp_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
       WHERE segment.site_id = $1`,
      [siteId],
    );
    await client.query('ANALYZE summed_lamp');
    await client.query(
      `INSERT INTO summed_hour
       SELECT lamp.segment_id, energy.hour, sum(energy.energy_wh), sum(lamp.rated_power_w)
       FROM energy_hourly AS energy JOIN summed_lamp AS lamp ON lamp.lamp_id = energy.lamp_id
       WHERE energy.hour >= $1 AND energy.hour < $2 GROUP BY 1, 2`,
      [new Date(fromMs), new Date(toMs)],
    );
    await client.query(
      `DELETE FROM segment_energy_hourly AS known USING lamp_segment
       WHERE lamp_segment.id = known.segment_id AND lamp_segment.site_id = $1 AND known.hour >= $2 AND known.hour < $3
         AND known.hour IN (SELECT hour FROM summed_hour)`,
      range,
    );
    await client.query('INSERT INTO segment_energy_hourly SELECT * FROM summed_hour');
  });
}

/** Sums the local days that `hours` are of, by segment and tariff band. `prices` are of the same hours. */
export async function sumDays(
  pool: Pool,
  siteId: number,
  hours: readonly DarkHour[],
  prices: readonly PricedHour[],
): Promise<void> {
  const [first, last] = [hours[0], hours.at(-1)];
  if (first === undefined || last === undefined) return;
  await inTransaction(pool, async (client) => {
    await client.query(
      `DELETE FROM segment_energy_daily AS known USING lamp_segment
       WHERE lamp_segment.id = known.segment_id AND lamp_segment.site_id = $1 AND known.day BETWEEN $2::date AND $3::date`,
      [siteId, first.day, last.day],
    );
    await client.query(
      `WITH dark AS (SELECT * FROM unnest($2::timestamptz[], $3::date[], $4::float8[]) AS input (hour, day, dark_h)),
         price AS (SELECT * FROM unnest($5::timestamptz[], $6::text[], $7::text[], $8::float8[], $9::float8[])
           AS input (hour, band, currency, price_per_kwh, fraction)),
         part AS (
           SELECT dark.hour, dark.day, dark.dark_h, coalesce(price.band, '') AS band, price.currency, price.price_per_kwh, coalesce(price.fraction, 1) AS fraction
           FROM dark LEFT JOIN price ON price.hour = dark.hour)
       INSERT INTO segment_energy_daily (segment_id, day, band, currency, energy_wh, cost, full_power_wh, full_power_cost)
       SELECT hourly.segment_id, part.day, part.band, max(part.currency), sum(hourly.energy_wh * part.fraction),
         sum(hourly.energy_wh * part.fraction * part.price_per_kwh / 1000), sum(hourly.rated_power_w * part.dark_h * part.fraction),
         sum(hourly.rated_power_w * part.dark_h * part.fraction * part.price_per_kwh / 1000)
       FROM segment_energy_hourly AS hourly JOIN part ON part.hour = hourly.hour
       JOIN lamp_segment ON lamp_segment.id = hourly.segment_id
       WHERE lamp_segment.site_id = $1 AND hourly.hour BETWEEN $10 AND $11
       GROUP BY hourly.segment_id, part.day, part.band`,
      [
        siteId,
        hours.map(({ hourMs }) => new Date(hourMs)),
        hours.map(({ day }) => day),
        hours.map(({ darkH }) => darkH),
        prices.map(({ hourMs }) => new Date(hourMs)),
        prices.map(({ band }) => band),
        prices.map(({ currency }) => currency),
        prices.map(({ pricePerKwh }) => pricePerKwh),
        prices.map(({ fraction }) => fraction),
        new Date(first.hourMs),
        new Date(last.hourMs),
      ],
    );
  });
}

/** Notes that every day has been summed, with these tariffs. */
export async function noteSummed(pool: Pool, siteId: number, tariffs: string, nowMs: number): Promise<void> {
  await pool.query(
    `INSERT INTO energy_summary (site_id, tariffs, summed_at) VALUES ($1, $2, $3)
     ON CONFLICT (site_id) DO UPDATE SET tariffs = excluded.tariffs, summed_at = excluded.summed_at`,
    [siteId, tariffs, new Date(nowMs)],
  );
}

/** The first hour of which the energy of single lamps is known, ms; undefined when there is none. Reads all of it: for the first summing. */
export async function firstEnergyMs(pool: Pool, siteId: number): Promise<number | undefined> {
  const found = await pool.query<{ ms: number | null }>(
    `SELECT (extract(epoch FROM min(part.hour)) * 1000)::float8 AS ms FROM energy_part AS part JOIN lamp ON lamp.id = part.lamp_id WHERE lamp.site_id = $1`,
    [siteId],
  );
  return found.rows[0]?.ms ?? undefined;
}
