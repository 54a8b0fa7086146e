import { VizOrientation } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, UIDS } from '../parts/frame.js';
import {
  bars,
  barChart,
  lines,
  linkProperty,
  NO_DAYS,
  NO_NIGHT,
  stat,
  tableOf,
  thresholdsProperty,
  unitProperty,
} from '../parts/panels.js';
import { bucket, CHOSEN, series, SITE, table, TODAY } from '../parts/query.js';
import { cabinetVariable, groupVariable, siteVariable } from '../parts/variables.js';

/** Where the energy goes and what it costs. */
export function energyDashboard(): Dashboard {
  return frame(
    UIDS.energy,
    'Energy',
    'Energy, cost and CO2 of the chosen time by cabinet, group, lamp type and tariff band. Energy comes from the registers of the controllers.',
    { from: 'now-30d', to: 'now' },
  )
    .variables([siteVariable(), cabinetVariable(), groupVariable()])
    .withPanel(total())
    .withPanel(costByBand())
    .withPanel(byDayAndBand())
    .withPanel(loadProfile())
    .withPanel(thisYearAgainstLast())
    .withPanel(byCabinet())
    .withPanel(byGroup())
    .withPanel(byLampType())
    .withPanel(topConsumers())
    .build();
}

const NO_ENERGY = 'No energy in the time range. It is booked from registers, some minutes behind the readings.';
const IN_RANGE = `${CHOSEN} AND $__timeFilter(starts_at)`;

const total = () =>
  stat(
    {
      title: 'Energy in the chosen time',
      description: 'Sum of the days that begin within the time range.',
      unit: 'watth',
      width: 6,
      height: 5,
    },
    table(`
      SELECT sum(energy_wh) AS "energy", sum(full_power_wh) AS "full power"
      FROM dashboard.energy_daily WHERE ${IN_RANGE}`),
    [[null, 'blue']],
  );

const costByBand = () =>
  tableOf(
    {
      title: 'Cost by tariff band',
      description:
        'Energy, cost and mean price by time-of-use band. (no tariff): no tariff of the site holds for the time.',
      unit: 'none',
      width: 18,
      height: 5,
      empty: NO_ENERGY,
    },
    table(`
      SELECT band, sum(energy_wh) AS "energy", sum(cost) AS "cost", currency, 1000 * sum(cost) / nullif(sum(energy_wh), 0) AS "per kWh",
        sum(co2_kg) / 1000 AS "CO2"
      FROM dashboard.energy_daily WHERE ${IN_RANGE} GROUP BY band, currency ORDER BY sum(energy_wh) DESC`),
  )
    .overrideByName('energy', unitProperty('watth'))
    .overrideByName('cost', unitProperty('locale', 0))
    .overrideByName('per kWh', unitProperty('none', 4))
    .overrideByName('CO2', unitProperty('masst', 3));

const thisYearAgainstLast = () =>
  barChart(
    {
      title: 'This year against last',
      description:
        'Energy by calendar month on the clocks of the site, whatever the time range. Months before the summing began are missing.',
      unit: 'watth',
      width: 12,
      height: 10,
      empty: NO_DAYS,
    },
    table(`
      WITH ${TODAY}, monthly AS (
        SELECT extract(month FROM day)::int AS month, extract(year FROM day) = extract(year FROM local.today) AS is_this_year, sum(energy_wh) AS energy_wh
        FROM dashboard.energy_daily, local
        WHERE ${CHOSEN} AND day >= (date_trunc('year', local.today) - interval '1 year')::date GROUP BY 1, 2
      )
      SELECT to_char(make_date(2000, month, 1), 'Mon') AS "month", sum(energy_wh) FILTER (WHERE NOT is_this_year) AS "last year",
        sum(energy_wh) FILTER (WHERE is_this_year) AS "this year"
      FROM monthly GROUP BY monthly.month ORDER BY monthly.month`),
    'month',
    VizOrientation.Vertical,
  );

const byDayAndBand = () =>
  bars(
    {
      title: 'Energy by day and tariff band',
      description: 'Days on the clocks of the site.',
      unit: 'watth',
      width: 12,
      height: 8,
      empty: NO_ENERGY,
    },
    [
      series(`
        SELECT starts_at AS time, band AS metric, sum(energy_wh) AS value
        FROM dashboard.energy_daily WHERE ${IN_RANGE} GROUP BY 1, 2 ORDER BY 1, 2`),
    ],
    true,
  );

const loadProfile = () =>
  lines(
    {
      title: 'Energy by hour',
      description:
        'Energy of each whole hour, spread evenly between two readings of a register: the mean power of the hour in W has the same number. Over a long time, the mean of some hours.',
      unit: 'watth',
      width: 12,
      height: 8,
      empty: NO_ENERGY,
    },
    [
      series(`
        SELECT ${bucket('hour', 3600)} AS time, avg(energy_wh) AS "energy"
        FROM (
          SELECT hour, sum(energy_wh) AS energy_wh FROM dashboard.energy_hourly
          WHERE ${CHOSEN} AND $__timeFilter(hour) AND hour < date_trunc('hour', now()) GROUP BY hour
        ) AS whole GROUP BY 1 ORDER BY 1`),
    ],
  ).min(0);

const SUMS = `sum(energy_wh) AS "energy", sum(cost) AS "cost", max(currency) AS "currency", sum(co2_kg) / 1000 AS "CO2",
        100 * (1 - sum(energy_wh) / nullif(sum(full_power_wh), 0)) AS "saving"`;

function breakdown(title: string, description: string, width: number, sql: string) {
  return tableOf({ title, description, unit: 'none', width, height: 10, empty: NO_ENERGY }, table(sql))
    .overrideByName('energy', unitProperty('watth'))
    .overrideByName('cost', unitProperty('locale', 0))
    .overrideByName('CO2', unitProperty('masst', 3))
    .overrideByName('saving', unitProperty('percent', 1));
}

const byCabinet = () =>
  breakdown(
    'By cabinet',
    'Energy, cost, CO2 and saving against full power of the days in the time range. A lamp that moved counts where it stood.',
    12,
    `
      SELECT cabinet, ${SUMS}
      FROM dashboard.energy_daily WHERE ${IN_RANGE} GROUP BY cabinet ORDER BY sum(energy_wh) DESC`,
  ).overrideByName('cabinet', [linkProperty('This cabinet only', UIDS.energy, { cabinet: '${__value.raw}' })]);

const byGroup = () =>
  breakdown(
    'By group',
    'A lamp in several groups counts in each of them: groups do not add up to the site.',
    12,
    `
      SELECT one_group AS "group", ${SUMS}
      FROM dashboard.energy_daily CROSS JOIN LATERAL unnest(groups) AS one_group
      WHERE ${IN_RANGE} AND one_group = ANY (ARRAY[\${group:sqlstring}]::text[]) GROUP BY 1 ORDER BY sum(energy_wh) DESC`,
  ).overrideByName('group', [linkProperty('This group only', UIDS.energy, { group: '${__value.raw}' })]);

const byLampType = () =>
  breakdown(
    'By lamp type',
    'Energy, cost, CO2 and saving against full power of the days in the time range.',
    12,
    `
      SELECT lamp_type AS "lamp type", ${SUMS}
      FROM dashboard.energy_daily WHERE ${IN_RANGE} GROUP BY lamp_type ORDER BY sum(energy_wh) DESC`,
  );

const topConsumers = () =>
  tableOf(
    {
      title: 'Top consumers of last night',
      description:
        'The 25 lamps that drew most from noon to noon, beside what they would have drawn at their rated power in the hours of darkness: more than 100 % means too much power, or burning by day. Whatever the time range.',
      unit: 'none',
      width: 24,
      height: 10,
      empty: NO_NIGHT,
    },
    table(`
      WITH last_night AS (
        SELECT night, dark_h FROM dashboard.night WHERE ${SITE} AND ends_at < now() AND lit_from_p50 IS NOT NULL ORDER BY night DESC LIMIT 1
      )
      SELECT lamp, cabinet, lamp_type AS "lamp type", street, energy_wh AS "energy", 100 * energy_wh / nullif(last_night.dark_h * rated_power_w, 0) AS "of full power"
      FROM dashboard.lamp_night JOIN last_night USING (night)
      WHERE ${CHOSEN} AND energy_wh IS NOT NULL ORDER BY energy_wh DESC, lamp LIMIT 25`),
  )
    .overrideByName('energy', unitProperty('watth'))
    .overrideByName('of full power', [
      ...unitProperty('percent', 0),
      thresholdsProperty([
        [null, 'text'],
        [105, 'orange'],
        [150, 'red'],
      ]),
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ])
    .overrideByName('lamp', [linkProperty('Lamp', UIDS.lamp, { lamp: '${__value.raw}' }, ['site'])]);
