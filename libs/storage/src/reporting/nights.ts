import type { Pool } from '../pool.js';

/** What the sun does in a night of a site; null: that it does not. */
export interface NightRow {
  /** Local date of the noon at which it begins. */
  readonly night: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly sunsetMs: number | null;
  readonly civilDuskMs: number | null;
  readonly civilDawnMs: number | null;
  readonly sunriseMs: number | null;
  /** Hours from sunset to sunrise. */
  readonly darkH: number;
}

/** Nights of a site that are stored already. */
export async function storedNights(pool: Pool, siteId: number, from: string): Promise<Set<string>> {
  const found = await pool.query<{ night: string }>(
    'SELECT night::text AS night FROM site_night WHERE site_id = $1 AND night >= $2::date',
    [siteId, from],
  );
  return new Set(found.rows.map(({ night }) => night));
}

/** Stores nights, those that are there already anew: a site may have been moved. */
export async function writeNights(pool: Pool, siteId: number, nights: readonly NightRow[]): Promise<void> {
  const at = (pick: (night: NightRow) => number | null) =>
    nights.map((night) => {
      const ms = pick(night);
      return ms === null ? null : new Date(ms);
    });
  await pool.query(
    `INSERT INTO site_night (site_id, night, starts_at, ends_at, sunset, civil_dusk, civil_dawn, sunrise, dark_h)
     SELECT $1, input.* FROM unnest($2::date[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
       $8::timestamptz[], $9::float8[]) AS input
     ON CONFLICT (site_id, night) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, sunset = excluded.sunset,
       civil_dusk = excluded.civil_dusk, civil_dawn = excluded.civil_dawn, sunrise = excluded.sunrise, dark_h = excluded.dark_h`,
    [
      siteId,
      nights.map(({ night }) => night),
      at(({ startsAtMs }) => startsAtMs),
      at(({ endsAtMs }) => endsAtMs),
      at(({ sunsetMs }) => sunsetMs),
      at(({ civilDuskMs }) => civilDuskMs),
      at(({ civilDawnMs }) => civilDawnMs),
      at(({ sunriseMs }) => sunriseMs),
      nights.map(({ darkH }) => darkH),
    ],
  );
}

/**
 * Notes the newest readings of a site's lamps in their nights: first and last light, operating hours, energy. Counters that fell begin anew. Readings older than `sinceMs` have
 * been noted before. Only what is the newest when this runs is seen, so light is noted to the time between two runs.
 */
export async function noteLampNights(pool: Pool, siteId: number, sinceMs: number): Promise<void> {
  await pool.query({
    name: 'note_lamp_nights',
    text: `
      INSERT INTO lamp_night AS known (lamp_id, night, lit_from, lit_until, hours_first, hours_last, energy_first_wh, energy_last_wh)
      SELECT lamp.id, night.night, CASE WHEN shown.is_lit THEN s.time END, CASE WHEN shown.is_lit THEN s.time END, s.operating_hours, s.operating_hours,
        s.active_energy_wh, s.active_energy_wh
      FROM lamp JOIN lamp_state AS s ON s.lamp_id = lamp.id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
      JOIN site_night AS night ON night.site_id = lamp.site_id AND s.time >= night.starts_at AND s.time < night.ends_at
      CROSS JOIN LATERAL (SELECT ${IS_LIT} AS is_lit) AS shown
      WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL AND s.time >= to_timestamp($2::float8 / 1000)
      ORDER BY lamp.id
      ON CONFLICT (night, lamp_id) DO UPDATE SET lit_from = least(known.lit_from, excluded.lit_from),
        lit_until = greatest(known.lit_until, excluded.lit_until),
        hours_first = CASE WHEN excluded.hours_first < known.hours_last THEN excluded.hours_first ELSE coalesce(known.hours_first, excluded.hours_first) END,
        hours_last = coalesce(excluded.hours_last, known.hours_last),
        energy_first_wh = CASE WHEN excluded.energy_first_wh < known.energy_last_wh THEN excluded.energy_first_wh ELSE coalesce(known.energy_first_wh, excluded.energy_first_wh) END,
        energy_last_wh = coalesce(excluded.energy_last_wh, known.energy_last_wh)`,
    values: [siteId, sinceMs],
  });
}

/** Sums up what the lamps did in the nights from `from` on, and forgets what single lamps did before `keepFrom`. */
export async function sumUpNights(pool: Pool, siteId: number, from: string, keepFrom: string): Promise<void> {
  await pool.query({
    name: 'sum_up_nights',
    text: `
      UPDATE site_night AS night SET lamps_lit = lit.lamps,
        lit_from_p10 = lit.lit_from[1], lit_from_p50 = lit.lit_from[2], lit_from_p90 = lit.lit_from[3],
        lit_until_p10 = lit.lit_until[1], lit_until_p50 = lit.lit_until[2], lit_until_p90 = lit.lit_until[3], burning_h_p50 = lit.burning_h
      FROM (
        SELECT own.night, count(*)::int AS lamps,
          percentile_disc(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY own.lit_from) AS lit_from,
          percentile_disc(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY own.lit_until) AS lit_until,
          percentile_cont(0.5) WITHIN GROUP (ORDER BY own.hours_last - own.hours_first) AS burning_h
        FROM lamp_night AS own JOIN lamp ON lamp.id = own.lamp_id
        WHERE lamp.site_id = $1 AND own.night >= $2::date AND own.lit_from IS NOT NULL GROUP BY own.night
      ) AS lit
      WHERE night.site_id = $1 AND night.night = lit.night`,
    values: [siteId, from],
  });
  await pool.query(
    'DELETE FROM lamp_night USING lamp WHERE lamp.id = lamp_night.lamp_id AND lamp.site_id = $1 AND lamp_night.night < $2::date',
    [siteId, keepFrom],
  );
}

/** SQL: whether a reading of `lamp_state AS s` shows light; of a lamp that does not report its level, by its power. */
export const IS_LIT = `coalesce(s.light_level_percent > 0, s.active_power_w > lamp_type.standby_power_w + 0.05 * lamp_type.rated_power_w, false)`;
