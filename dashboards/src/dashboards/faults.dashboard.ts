import { VizOrientation } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, UIDS } from '../parts/frame.js';
import {
  barChart,
  bars,
  colorProperty,
  linkProperty,
  NO_OPEN_FAULTS,
  noLegend,
  outlineProperties,
  severityColumn,
  stat,
  tableOf,
  thresholdsProperty,
  TIME_PX,
  unitProperty,
  widthProperty,
  wrapProperty,
} from '../parts/panels.js';
import { CHOSEN_FAULTS, series, SITE, table, words } from '../parts/query.js';
import { cabinetVariable, groupVariable, siteVariable } from '../parts/variables.js';

/** What is broken, for how long, where most, and whether the crews were told. */
export function faultsDashboard(): Dashboard {
  return frame(
    UIDS.faults,
    'Faults',
    'Open faults by kind and age, how long it takes to mend them, the worst cabinets, and what has become of the alerts.',
    { from: 'now-30d', to: 'now' },
  )
    .variables([siteVariable(), cabinetVariable(), groupVariable()])
    .withPanel(openNow())
    .withPanel(timeToRepair())
    .withPanel(deliveries())
    .withPanel(list())
    .withPanel(byKind())
    .withPanel(byAge())
    .withPanel(openedAndCleared())
    .withPanel(worstCabinets())
    .withPanel(repairByKind())
    .withPanel(crews())
    .withPanel(undelivered())
    .build();
}

/** Not those that are part of a wider fault. */
const OWN = `${CHOSEN_FAULTS} AND parent_id IS NULL`;
const HOURS_OPEN = 'extract(epoch FROM cleared_at - opened_at)::float8';

const openNow = () =>
  stat(
    {
      title: 'Open now',
      description: 'Open faults, those that nobody has acknowledged, and the lamps that they are about.',
      unit: 'none',
      width: 8,
      height: 4,
    },
    table(`
      SELECT count(*) AS "open", count(*) FILTER (WHERE acknowledged_at IS NULL) AS "not acknowledged", coalesce(sum(lamp_count), 0) AS "lamps"
      FROM dashboard.fault WHERE ${OWN} AND phase = 'open'`),
    [
      [null, 'green'],
      [1, 'orange'],
    ],
  );

const timeToRepair = () =>
  stat(
    {
      title: 'Time to repair',
      description:
        'From the opening of a fault to when it was seen to be gone, of faults that were cleared within the time range; and from opening to acknowledgement (median).',
      unit: 's',
      width: 8,
      height: 4,
    },
    table(`
      SELECT avg(${HOURS_OPEN}) AS "mean", percentile_cont(0.5) WITHIN GROUP (ORDER BY ${HOURS_OPEN}) AS "median",
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - opened_at)::float8) AS "to acknowledgement"
      FROM dashboard.fault WHERE ${OWN} AND $__timeFilter(cleared_at)`),
    [
      [null, 'green'],
      [86_400, 'orange'],
      [604_800, 'red'],
    ],
  );

const deliveries = () =>
  stat(
    {
      title: 'Alerts of the chosen time',
      description: 'Messages to crews by what has become of them. dead: given up, somebody has to look.',
      unit: 'none',
      width: 8,
      height: 4,
    },
    table(`
      SELECT count(*) FILTER (WHERE state = 'delivered' OR state = 'collected') AS "delivered", count(*) FILTER (WHERE state IN ('pending', 'waiting')) AS "waiting",
        count(*) FILTER (WHERE state = 'dead') AS "dead"
      FROM dashboard.delivery WHERE ${SITE} AND $__timeFilter(created_at)`),
    [[null, 'blue']],
  ).overrideByName('dead', [
    thresholdsProperty([
      [null, 'green'],
      [1, 'red'],
    ]),
  ]);

const byKind = () =>
  barChart(
    {
      title: 'Open by kind',
      description: 'Open faults by kind, TALQ names in words. Parts of wider faults are not counted.',
      unit: 'none',
      width: 8,
      height: 12,
      empty: NO_OPEN_FAULTS,
    },
    table(`
      SELECT ${words('kind')} AS "kind", count(*) AS "faults" FROM dashboard.fault WHERE ${OWN} AND phase = 'open' GROUP BY fault.kind ORDER BY count(*) DESC, fault.kind`),
    'kind',
    VizOrientation.Horizontal,
  )
    .decimals(0)
    .legend(noLegend());

const byAge = () =>
  barChart(
    {
      title: 'Open by age',
      description: 'How long the faults that are open now have been open.',
      unit: 'none',
      width: 8,
      height: 12,
      empty: NO_OPEN_FAULTS,
    },
    table(`
      SELECT age.name AS "age", count(fault.id) AS "faults"
      FROM (VALUES (1, '< 1 hour', interval '0', interval '1 hour'), (2, '< 1 day', interval '1 hour', interval '1 day'),
        (3, '< 1 week', interval '1 day', interval '7 days'), (4, '< 30 days', interval '7 days', interval '30 days'),
        (5, 'longer', interval '30 days', interval '1000 years')) AS age (place, name, least, most)
      LEFT JOIN (SELECT id, now() - opened_at AS open_for FROM dashboard.fault WHERE ${OWN} AND phase = 'open') AS fault
        ON fault.open_for >= age.least AND fault.open_for < age.most
      GROUP BY age.place, age.name ORDER BY age.place`),
    'age',
    VizOrientation.Vertical,
  )
    .decimals(0)
    .legend(noLegend());

const openedAndCleared = () =>
  bars(
    {
      title: 'Opened and cleared by day',
      description:
        'Openings (again ones too) as bars, clearings as a line. When more open than clear, the crews fall behind. Days on the clocks of the site.',
      unit: 'none',
      width: 8,
      height: 12,
      empty: 'There is no site to count the faults of.',
    },
    [
      series(`
        SELECT day AT TIME ZONE time_zone AS time, count(*) FILTER (WHERE event IN ('opened', 'reopened')) AS "opened",
          count(*) FILTER (WHERE event = 'cleared') AS "cleared"
        FROM dashboard.site
        CROSS JOIN LATERAL generate_series(($__timeFrom()::timestamptz AT TIME ZONE time_zone)::date::timestamp,
          $__timeTo()::timestamptz AT TIME ZONE time_zone, interval '1 day') AS day
        LEFT JOIN (
          SELECT at, event FROM dashboard.fault_event WHERE ${CHOSEN_FAULTS} AND parent_id IS NULL AND $__timeFilter(at)
        ) AS history ON at >= day AT TIME ZONE time_zone AND at < (day + interval '1 day') AT TIME ZONE time_zone
        WHERE ${SITE} GROUP BY 1 ORDER BY 1`),
    ],
    false,
  )
    .decimals(0)
    .overrideByName('opened', [colorProperty('red')])
    .overrideByName('cleared', [colorProperty('green'), ...outlineProperties]);

const worstCabinets = () =>
  tableOf(
    {
      title: 'Worst cabinets',
      description:
        'Faults that opened in the time range, by cabinet; hours: of faults, summed over the lamps, those still open up to now.',
      unit: 'none',
      width: 12,
      height: 9,
      empty: 'No fault opened in the time range.',
    },
    table(`
      SELECT cabinet, count(*) AS "opened", count(*) FILTER (WHERE phase = 'open') AS "still open", count(DISTINCT lamp) AS "lamps",
        sum(lamp_count * extract(epoch FROM coalesce(cleared_at, now()) - opened_at)::float8) / 3600 AS "lamp hours"
      FROM dashboard.fault WHERE ${OWN} AND $__timeFilter(opened_at) GROUP BY cabinet ORDER BY 5 DESC LIMIT 25`),
  )
    .overrideByName('lamp hours', unitProperty('suffix:h', 0))
    .overrideByName('cabinet', [linkProperty('This cabinet only', UIDS.faults, { cabinet: '${__value.raw}' })]);

const repairByKind = () =>
  tableOf(
    {
      title: 'Time to repair by kind',
      description: 'Of faults that were cleared within the time range.',
      unit: 'none',
      width: 12,
      height: 9,
      empty: 'No fault was cleared in the time range.',
    },
    table(`
      SELECT ${words('kind')} AS "kind", count(*) AS "cleared", avg(${HOURS_OPEN}) AS "mean", percentile_cont(0.5) WITHIN GROUP (ORDER BY ${HOURS_OPEN}) AS "median",
        max(${HOURS_OPEN}) AS "longest"
      FROM dashboard.fault WHERE ${OWN} AND $__timeFilter(cleared_at) GROUP BY fault.kind ORDER BY count(*) DESC`),
  )
    .overrideByName('kind', [widthProperty(175), wrapProperty])
    .overrideByName('mean', unitProperty('s'))
    .overrideByName('median', unitProperty('s'))
    .overrideByName('longest', unitProperty('s'));

const crews = () =>
  tableOf(
    {
      title: 'Alert delivery by crew and channel',
      description:
        'Messages of the time range. Delay: from when the message was to be sent to when it was delivered, ninety-fifth percentile.',
      unit: 'none',
      width: 10,
      height: 9,
      empty: 'No message to a crew in the time range.',
    },
    table(`
      SELECT crew, channel, count(*) AS "messages", count(*) FILTER (WHERE state = 'dead') AS "dead", count(*) FILTER (WHERE state IN ('pending', 'waiting')) AS "waiting",
        percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at)::float8) FILTER (WHERE state = 'delivered') AS "delay"
      FROM dashboard.delivery WHERE ${SITE} AND $__timeFilter(created_at) GROUP BY crew, channel ORDER BY crew, channel`),
  ).overrideByName('delay', unitProperty('s', 0));

const undelivered = () =>
  tableOf(
    {
      title: 'Messages that did not arrive',
      description:
        'The newest 50 of the time range that were given up or are being tried again, with what went wrong last. What to do: docs/alerts.md.',
      unit: 'none',
      width: 14,
      height: 9,
      empty: 'Every message of the time range arrived.',
    },
    table(`
      SELECT created_at AS "at", crew, channel, state, attempts AS "tries", problem FROM dashboard.delivery
      WHERE ${SITE} AND $__timeFilter(created_at) AND state IN ('dead', 'pending') ORDER BY created_at DESC LIMIT 50`),
  )
    .overrideByName('at', [widthProperty(TIME_PX)])
    .overrideByName('tries', [widthProperty(60)])
    .overrideByName('crew', [widthProperty(90)])
    .overrideByName('channel', [widthProperty(85)])
    .overrideByName('state', [widthProperty(75)])
    .overrideByName('problem', [wrapProperty]);

const list = () =>
  tableOf(
    {
      title: 'Open faults',
      description: 'At most 200, the most urgent first. Acknowledging, assigning and resolving is done over the API.',
      unit: 'none',
      width: 24,
      height: 12,
      empty: NO_OPEN_FAULTS,
    },
    table(`
      SELECT severity, ${words('kind')} AS "kind", subject, cabinet, lamp, street, lamp_count AS "lamps", opened_at AS "since", acknowledged_at AS "acknowledged", crew, evidence
      FROM dashboard.fault WHERE ${OWN} AND phase = 'open' ORDER BY priority DESC, opened_at LIMIT 200`),
  )
    .overrideByName('severity', severityColumn)
    .overrideByName('kind', [widthProperty(170), wrapProperty])
    .overrideByName('subject', [widthProperty(115), wrapProperty])
    .overrideByName('cabinet', [widthProperty(95)])
    .overrideByName('street', [widthProperty(140), wrapProperty])
    .overrideByName('crew', [widthProperty(85)])
    .overrideByName('lamps', [widthProperty(70)])
    .overrideByName('since', [...unitProperty('dateTimeFromNow'), widthProperty(115)])
    .overrideByName('acknowledged', [...unitProperty('dateTimeFromNow'), widthProperty(115)])
    .overrideByName('evidence', [wrapProperty])
    .overrideByName('lamp', [widthProperty(95), linkProperty('Lamp', UIDS.lamp, { lamp: '${__value.raw}' }, ['site'])]);
