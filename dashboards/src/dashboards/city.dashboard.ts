import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, UIDS } from '../parts/frame.js';
import { lampMap } from '../parts/lamp-map.js';
import {
  bars,
  colorProperty,
  dataLink,
  lines,
  linkProperty,
  NO_DAYS,
  NO_OPEN_FAULTS,
  NO_SAMPLES,
  outlineProperties,
  SAMPLE_GAP_MS,
  SEVERITY_COLORS,
  severityColumn,
  someProperty,
  stat,
  STATUS_COLORS,
  tableOf,
  thresholdsProperty,
  unitProperty,
  widthProperty,
  wrapProperty,
} from '../parts/panels.js';
import { bucket, CHOSEN, CHOSEN_FAULTS, series, table, TODAY, words } from '../parts/query.js';
import { cabinetVariable, groupVariable, siteVariable } from '../parts/variables.js';

/** The city at a glance: what an operator has on the wall. */
export function cityDashboard(): Dashboard {
  return frame(
    UIDS.city,
    'City overview',
    'Lights, power, energy, cost, CO2, availability and faults of a city. Figures say now, tonight, this month; charts follow the time range.',
    { from: 'now-24h', to: 'now' },
  )
    .variables([siteVariable(), cabinetVariable(), groupVariable()])
    .withPanel(lightsOn())
    .withPanel(power())
    .withPanel(availability())
    .withPanel(faultsBySeverity())
    .withPanel(energy())
    .withPanel(cost())
    .withPanel(co2())
    .withPanel(saving())
    .withPanel(map())
    .withPanel(powerCurve())
    .withPanel(lampsOverTime())
    .withPanel(openFaults())
    .withPanel(energyByDay())
    .build();
}

const lightsOn = () =>
  stat(
    {
      title: 'Lights on now',
      description:
        'Lamps whose newest reading shows light, of all lamps in service. Silent: the newest reading is older than three reporting intervals, so it is no value. Fault: an open fault by which the lamp is dark or not heard. In the colours of the map.',
      unit: 'none',
      width: 8,
      height: 4,
    },
    table(`
      SELECT count(*) FILTER (WHERE status IN ('lit', 'dimmed')) AS "on", count(*) FILTER (WHERE status = 'off') AS "off",
        count(*) FILTER (WHERE status = 'silent') AS "silent", count(*) FILTER (WHERE status = 'fault') AS "fault", count(*) AS "of"
      FROM dashboard.lamp_now WHERE ${CHOSEN}`),
    [[null, 'text']],
  )
    .overrideByName('on', [someProperty(STATUS_COLORS.lit)])
    .overrideByName('off', [someProperty('blue')])
    .overrideByName('silent', [someProperty(STATUS_COLORS.silent)])
    .overrideByName('fault', [someProperty(STATUS_COLORS.fault)]);

const power = () =>
  stat(
    {
      title: 'Power now, against expected',
      description:
        'Measured power of the lamps that are heard, and what is to be expected of them at the levels that their calendars and overrides asked for when the lamps were read (driver curves of the lamp types). Sampled every quarter of an hour; after a step of the program both follow within a reporting interval. no data: the last sample is more than an hour old.',
      unit: 'watt',
      width: 6,
      height: 4,
    },
    table(`
      SELECT sum(compared_power_w) AS "measured", sum(expected_power_w) AS "expected",
        100 * sum(compared_power_w) / nullif(sum(expected_power_w), 0) AS "of expected"
      FROM dashboard.lighting WHERE ${CHOSEN} AND time > now() - interval '1 hour'
        AND time = (SELECT max(time) FROM dashboard.lighting WHERE ${CHOSEN} AND time > now() - interval '1 hour')`),
    [[null, 'blue']],
  ).overrideByName('of expected', [
    ...unitProperty('percent', 0),
    thresholdsProperty([
      [null, 'orange'],
      [85, 'green'],
      [115, 'orange'],
      [140, 'red'],
    ]),
  ]);

const availability = () =>
  stat(
    {
      title: 'Available now',
      description:
        'Share of the lamps in service that have no open fault by which they are dark or not heard: lampFailure, supplyLoss, communicationFailure, circuitOutage, cabinetOutage.',
      unit: 'percent',
      width: 4,
      height: 4,
    },
    table(`
      SELECT 100.0 * count(*) FILTER (WHERE NOT is_unavailable) / nullif(count(*), 0) AS "available"
      FROM dashboard.lamp_now WHERE ${CHOSEN}`),
    [
      [null, 'red'],
      [95, 'orange'],
      [98, 'green'],
    ],
    { decimals: 1 },
  );

const faultsBySeverity = () => {
  const panel = stat(
    {
      title: 'Open faults',
      description:
        'Faults that are open now, by severity. Faults that are part of a wider one (a lamp of a cabinet without supply) are not counted again.',
      unit: 'none',
      width: 6,
      height: 4,
    },
    table(`
      SELECT ${Object.keys(SEVERITY_COLORS)
        .map((severity) => `count(*) FILTER (WHERE severity = '${severity}') AS "${severity}"`)
        .join(', ')}
      FROM dashboard.fault WHERE ${CHOSEN_FAULTS} AND phase = 'open' AND parent_id IS NULL`),
    [[null, 'green']],
  ).dataLinks([dataLink('Faults', UIDS.faults)]);
  for (const [severity, color] of Object.entries(SEVERITY_COLORS))
    panel.overrideByName(severity, [
      thresholdsProperty([
        [null, 'green'],
        [1, color],
      ]),
    ]);
  return panel;
};

const energy = () =>
  stat(
    {
      title: 'Energy',
      description:
        'Active energy from the registers of the controllers: since the last noon, this calendar month, this calendar year. At most some minutes behind.',
      unit: 'watth',
      width: 7,
      height: 4,
    },
    table(`
      WITH ${TODAY}
      SELECT
        (SELECT sum(energy_wh) FROM dashboard.energy_hourly WHERE ${CHOSEN} AND hour >= (
          SELECT date_trunc('hour', starts_at) FROM dashboard.night WHERE ${'site = ${site:sqlstring}'} AND starts_at <= now() AND ends_at > now())) AS "tonight",
        (SELECT sum(energy_wh) FROM dashboard.energy_daily WHERE ${CHOSEN} AND day >= date_trunc('month', local.today)::date) AS "this month",
        (SELECT sum(energy_wh) FROM dashboard.energy_daily WHERE ${CHOSEN} AND day >= date_trunc('year', local.today)::date) AS "this year"
      FROM local`),
    [[null, 'blue']],
  ).dataLinks([dataLink('Energy', UIDS.energy)]);

const cost = () =>
  stat(
    {
      title: 'Cost',
      description:
        'Energy at the prices of the tariff bands in which it was drawn. Energy of times without a tariff has no cost; the name says the currency.',
      unit: 'locale',
      width: 6,
      height: 4,
    },
    table(`
      WITH ${TODAY}
      SELECT period.name || ', ' || coalesce(energy.currency, 'no tariff') AS "period", sum(energy.cost) AS "cost"
      FROM local CROSS JOIN LATERAL (VALUES (1, 'this month', date_trunc('month', local.today)::date), (2, 'this year', date_trunc('year', local.today)::date))
        AS period (place, name, first)
      JOIN dashboard.energy_daily AS energy ON energy.day >= period.first
      WHERE ${CHOSEN} GROUP BY period.place, period.name, energy.currency HAVING sum(energy.cost) IS NOT NULL ORDER BY period.place`),
    [[null, 'blue']],
    { rows: true, decimals: 0 },
  );

const co2 = () =>
  stat(
    {
      title: 'CO2',
      description:
        'Energy times the emission factor of the site. Without a factor there is no figure: set co2GPerKwh of the site.',
      unit: 'masst',
      width: 5,
      height: 4,
    },
    table(`
      WITH ${TODAY}
      SELECT sum(co2_kg) FILTER (WHERE day >= date_trunc('month', local.today)::date) / 1000 AS "this month", sum(co2_kg) / 1000 AS "this year"
      FROM dashboard.energy_daily, local WHERE ${CHOSEN} AND day >= date_trunc('year', local.today)::date`),
    [[null, 'blue']],
  );

const saving = () =>
  stat(
    {
      title: 'Saving against full power',
      description:
        'What the same lamps would have drawn at their rated power from sunset to sunrise, less what they drew; only hours of which the energy is known count. It is the saving of dimming and switching, not that of an exchange of lamps.',
      unit: 'percent',
      width: 6,
      height: 4,
    },
    table(`
      WITH ${TODAY}
      SELECT 100 * (1 - sum(energy_wh) FILTER (WHERE day >= date_trunc('month', local.today)::date)
          / nullif(sum(full_power_wh) FILTER (WHERE day >= date_trunc('month', local.today)::date), 0)) AS "this month",
        100 * (1 - sum(energy_wh) / nullif(sum(full_power_wh), 0)) AS "this year"
      FROM dashboard.energy_daily, local WHERE ${CHOSEN} AND day >= date_trunc('year', local.today)::date`),
    [
      [null, 'red'],
      [0, 'orange'],
      [20, 'green'],
    ],
    { decimals: 1 },
  );

const map = () =>
  lampMap({
    title: 'Lamps by state',
    description:
      'Yellow: lit, a darker yellow: dimmed; blue: off; purple: silent; red: fault. More than 2,000 chosen lamps are drawn in cells: the colour is the worst state within, the size the number of lamps. Choose cabinets or groups (or follow the link of a cell) to see each lamp.',
    unit: 'none',
    width: 14,
    height: 16,
  });

const powerCurve = () =>
  lines(
    {
      title: 'Power, measured and expected',
      description:
        'Sums of quarter-hourly samples: measured power, and what is to be expected at the levels that are asked for.',
      unit: 'watt',
      width: 10,
      height: 8,
      empty: NO_SAMPLES,
    },
    [
      series(`
        SELECT ${bucket('time', 900)} AS time, avg(measured) AS "measured", avg(expected) AS "expected"
        FROM (
          SELECT time, sum(compared_power_w) AS measured, sum(expected_power_w) AS expected
          FROM dashboard.lighting WHERE ${CHOSEN} AND $__timeFilter(time) GROUP BY time
        ) AS sample GROUP BY 1 ORDER BY 1`),
    ],
  )
    .min(0)
    .insertNulls(SAMPLE_GAP_MS)
    .overrideByName('expected', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } }]);

const lampsOverTime = () =>
  lines(
    {
      title: 'Lamps lit, silent and unavailable',
      description:
        'Lamps that show light, that have no current reading, and that have a fault by which they are dark or not heard.',
      unit: 'none',
      width: 10,
      height: 8,
      empty: NO_SAMPLES,
    },
    [
      series(`
        SELECT ${bucket('time', 900)} AS time, avg(lit) AS "lit", avg(silent) AS "silent", avg(unavailable) AS "unavailable"
        FROM (
          SELECT time, sum(lit_lamps) AS lit, sum(lamps - current_lamps) AS silent, sum(unavailable_lamps) AS unavailable
          FROM dashboard.lighting WHERE ${CHOSEN} AND $__timeFilter(time) GROUP BY time
        ) AS sample GROUP BY 1 ORDER BY 1`),
    ],
  )
    .min(0)
    .decimals(0)
    .insertNulls(SAMPLE_GAP_MS)
    .overrideByName('lit', [colorProperty('yellow')])
    .overrideByName('silent', [colorProperty('purple')])
    .overrideByName('unavailable', [colorProperty('red')]);

const energyByDay = () =>
  bars(
    {
      title: 'Energy by day, against full power',
      description:
        'Of the last 30 days, on the clocks of the site, without today. Full power: rated power from sunset to sunrise.',
      unit: 'watth',
      width: 10,
      height: 10,
      empty: NO_DAYS,
    },
    [
      series(`
        WITH ${TODAY}
        SELECT starts_at AS time, sum(energy_wh) AS "energy", sum(full_power_wh) AS "full power"
        FROM dashboard.energy_daily, local WHERE ${CHOSEN} AND $__timeFilter(starts_at) AND day < local.today GROUP BY 1 ORDER BY 1`),
    ],
    false,
  )
    .timeFrom('30d')
    .overrideByName('full power', outlineProperties);

const openFaults = () =>
  tableOf(
    {
      title: 'Open faults, the most urgent first',
      description: 'At most 50. Priority weighs severity, road class, number of lamps and night.',
      unit: 'none',
      width: 14,
      height: 10,
      empty: NO_OPEN_FAULTS,
    },
    table(`
      SELECT severity, ${words('kind')} AS "kind", subject, cabinet, lamp, lamp_count AS "lamps", opened_at AS "since", crew
      FROM dashboard.fault WHERE ${CHOSEN_FAULTS} AND phase = 'open' AND parent_id IS NULL
      ORDER BY priority DESC, opened_at LIMIT 50`),
  )
    .overrideByName('severity', severityColumn)
    .overrideByName('kind', [widthProperty(160), wrapProperty])
    .overrideByName('lamps', [widthProperty(65)])
    .overrideByName('since', [...unitProperty('dateTimeFromNow'), widthProperty(115)])
    .overrideByName('lamp', [linkProperty('Lamp', UIDS.lamp, { lamp: '${__value.raw}' }, ['site'])])
    .overrideByName('cabinet', [linkProperty('This cabinet only', UIDS.city, { cabinet: '${__value.raw}' })]);
