import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { frame, UIDS } from '../parts/frame.js';
import { shadesProperty, lines, stat, tableOf, thresholdsProperty, unitProperty, type Step } from '../parts/panels.js';
import { bucket, promQl, PROMETHEUS, series, SITE, table } from '../parts/query.js';
import { siteVariable } from '../parts/variables.js';

/** Whether Felinar itself is well: for administrators. */
export function platformDashboard(): Dashboard {
  return frame(
    UIDS.platform,
    'Platform',
    'Ingest, commands, detection, alerts, API and processes of Felinar itself. From Prometheus; the delays of devices and commands from the database.',
    { from: 'now-6h', to: 'now' },
  )
    .variables([siteVariable()])
    .withPanel(
      figure(
        'Processes',
        'Targets of the jobs felinar… that Prometheus reaches, and those that it does not.',
        'none',
        'count(up{job=~"felinar.*"} == 1) or vector(0)',
        'up',
        [
          [null, 'red'],
          [1, 'green'],
        ],
      )
        .withTarget(promQl('count(up{job=~"felinar.*"} == 0) or vector(0)', 'down', 'B'))
        .overrideByName('down', [
          thresholdsProperty([
            [null, 'green'],
            [1, 'red'],
          ]),
        ]),
    )
    .withPanel(
      figure(
        'Readings stored',
        'Readings per second that were new, over five minutes.',
        PER_SECOND,
        'sum(rate(felinar_ingest_readings_stored_total[5m]))',
        'stored',
        [[null, 'blue']],
      ),
    )
    .withPanel(
      figure(
        'Refused',
        'Share of messages and readings that were refused, over fifteen minutes.',
        'percentunit',
        '(sum(rate(felinar_ingest_rejected_total[15m])) or vector(0)) / clamp_min(sum(rate(felinar_ingest_messages_total[15m])), 0.001)',
        'refused',
        [
          [null, 'green'],
          [0.01, 'orange'],
          [0.1, 'red'],
        ],
      ),
    )
    .withPanel(
      figure(
        'Energy booked behind',
        'Age of the newest booked energy. Ten minutes are usual: so long late readings are waited for.',
        's',
        'time() - max(felinar_energy_booked_until_seconds)',
        'behind',
        [
          [null, 'green'],
          [1800, 'orange'],
          [7200, 'red'],
        ],
      ),
    )
    .withPanel(
      figure(
        'Commands open',
        'Commands to single lamps that have not ended. Every process counts the same table, so the largest is the number.',
        'none',
        'sum(max by (state) (felinar_control_commands_open)) or vector(0)',
        'open',
        [
          [null, 'green'],
          [5000, 'orange'],
        ],
      ),
    )
    .withPanel(
      figure(
        'Oldest alert unsent',
        'Age of the oldest message to a crew that should have been sent.',
        's',
        'max(felinar_monitor_oldest_pending_delivery_seconds)',
        'age',
        [
          [null, 'green'],
          [300, 'orange'],
          [3600, 'red'],
        ],
      ),
    )
    .withPanel(
      chart('Ingest rate', 'Messages taken by kind, and readings stored or already known, per second.', PER_SECOND, [
        promQl('sum by (kind) (rate(felinar_ingest_messages_total[$__rate_interval]))', 'messages: {{kind}}', 'A'),
        promQl('sum(rate(felinar_ingest_readings_stored_total[$__rate_interval]))', 'readings stored', 'B'),
        promQl('sum(rate(felinar_ingest_readings_duplicate_total[$__rate_interval]))', 'readings known already', 'C'),
      ]),
    )
    .withPanel(
      chart(
        'Refused by reason',
        'Messages and readings per second. Samples of each reason: GET /api/v1/rejected-messages.',
        PER_SECOND,
        [promQl('sum by (reason) (rate(felinar_ingest_rejected_total[$__rate_interval]))', '{{reason}}')],
        'Prometheus has counted no refusal in the time range.',
      ),
    )
    .withPanel(
      chart(
        'In flight',
        'Messages taken and not yet acknowledged, and the bound: at the bound, the broker keeps the rest.',
        'none',
        [
          promQl('sum(felinar_ingest_in_flight)', 'in flight', 'A'),
          promQl('sum(felinar_ingest_in_flight_max)', 'bound', 'B'),
        ],
      ),
    )
    .withPanel(
      chart('Storing a batch', 'Time to store a batch of readings, and how many messages one holds.', 's', [
        promQl(quantile(0.5, 'felinar_ingest_batch_seconds'), 'median', 'A'),
        promQl(quantile(0.99, 'felinar_ingest_batch_seconds'), '99th percentile', 'B'),
      ]),
    )
    .withPanel(readingDelay())
    .withPanel(rejectionsByDay())
    .withPanel(
      chart('Commands by what happened', 'Commands to single lamps per second.', PER_SECOND, [
        promQl('sum by (event) (rate(felinar_control_commands_total[$__rate_interval]))', '{{event}}'),
      ]),
    )
    .withPanel(commandLatency())
    .withPanel(
      chart(
        'Queues',
        'Open commands by state, devices out of step with their program, messages to crews by state.',
        'none',
        [
          promQl('max by (state) (felinar_control_commands_open)', 'commands {{state}}', 'A'),
          promQl(
            'max(felinar_control_devices_out_of_step{mismatch="false"})',
            'devices without their program yet',
            'B',
          ),
          promQl('max(felinar_control_devices_out_of_step{mismatch="true"})', 'devices with another program', 'C'),
          promQl('max by (state) (felinar_monitor_deliveries)', 'alerts {{state}}', 'D'),
        ],
      ),
    )
    .withPanel(
      chart(
        'Rounds',
        'How long one round of dispatching, looking at a site and summing up a site takes, 95th percentile.',
        's',
        [
          promQl(quantile(0.95, 'felinar_control_dispatch_seconds'), 'dispatch', 'A'),
          promQl(quantile(0.95, 'felinar_monitor_look_seconds'), 'look', 'B'),
          promQl(quantile(0.95, 'felinar_monitor_report_seconds'), 'sums for dashboards', 'C'),
        ],
      ),
    )
    .withPanel(
      chart(
        'Programs and answers',
        'Programs handed to the broker, and answers of devices that could not be used, per second.',
        PER_SECOND,
        [
          promQl(
            'sum by (why) (rate(felinar_control_programs_published_total[$__rate_interval]))',
            'programs: {{why}}',
            'A',
          ),
          promQl(
            'sum by (channel) (rate(felinar_control_unusable_answers_total[$__rate_interval]))',
            'unusable: {{channel}}',
            'B',
          ),
        ],
      ),
    )
    .withPanel(
      chart(
        'Faults and alerts',
        'What has become of faults, alerts that found nobody, tries to deliver; per hour.',
        'suffix:/h',
        [
          promQl(
            '3600 * sum by (event) (rate(felinar_monitor_fault_events_total[$__rate_interval]))',
            'faults {{event}}',
            'A',
          ),
          promQl(
            '3600 * sum by (to) (rate(felinar_monitor_alerts_routed_total[$__rate_interval]))',
            'alerts to {{to}}',
            'B',
          ),
          promQl(
            '3600 * sum by (channel, outcome) (rate(felinar_monitor_delivery_tries_total[$__rate_interval]))',
            '{{channel}}: {{outcome}}',
            'C',
          ),
        ],
      ),
    )
    .withPanel(
      chart('API: time to answer', 'Median and 99th percentile over all routes.', 's', [
        promQl(quantile(0.5, 'felinar_http_request_duration_seconds'), 'median', 'A'),
        promQl(quantile(0.99, 'felinar_http_request_duration_seconds'), '99th percentile', 'B'),
      ]),
    )
    .withPanel(
      chart('API: answers by status', 'Answers per second.', PER_SECOND, [
        promQl('sum by (status) (rate(felinar_http_request_duration_seconds_count[$__rate_interval]))', '{{status}}'),
      ]),
    )
    .withPanel(
      chart('Memory', 'Resident memory by process.', 'bytes', [
        promQl('process_resident_memory_bytes', '{{job}} {{instance}}'),
      ]),
    )
    .withPanel(
      chart('Event loop lag', 'How late Node’s event loop runs, 99th percentile, by process.', 's', [
        promQl('nodejs_eventloop_lag_p99_seconds', '{{job}} {{instance}}'),
      ]),
    )
    .build();
}

const quantile = (share: number, histogram: string) =>
  `histogram_quantile(${share}, sum by (le) (rate(${histogram}_bucket[$__rate_interval])))`;

function figure(
  title: string,
  description: string,
  unit: string,
  expr: string,
  legend: string,
  steps: readonly Step[],
) {
  return stat({ title, description, unit, width: 4, height: 4 }, promQl(expr, legend), steps, { prometheus: true });
}

function chart(
  title: string,
  description: string,
  unit: string,
  queries: readonly Builder<Dataquery>[],
  empty = 'Prometheus has none of this in the time range: see its page of targets.',
) {
  const panel = lines({ title, description, unit, width: 12, height: 8, empty }, queries).datasource(PROMETHEUS).min(0);
  for (const [series, color] of OUTCOME_COLORS) panel.overrideByRegexp(series, [shadesProperty(color)]);
  return panel;
}

const PER_SECOND = 'suffix:/s';
/** What went wrong is red, whatever the order in which the series come. */
const OUTCOME_COLORS = [
  ['/(^|[ :])(failed|dead|refused|mismatched|5\\d\\d)$/', 'red'],
  ['/(^|[ :])(expired|retried|another program|4\\d\\d)$/', 'orange'],
  ['/(^|[ :])(confirmed|accepted|cleared|2\\d\\d)$/', 'green'],
  ['/(^|[ :])(sent|acknowledged|opened|waiting|new)$/', 'blue'],
  ['/(^|[ :])(pending|without their program yet)$/', 'yellow'],
] as const;

const readingDelay = () =>
  stat(
    {
      title: 'Delay of readings',
      description:
        'From when a lamp measured to when ingest took it, of the newest readings of the site that are not too old. Slow gateways and wrong clocks show here.',
      unit: 's',
      width: 12,
      height: 8,
    },
    table(`
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY delay) AS "median", percentile_cont(0.95) WITHIN GROUP (ORDER BY delay) AS "95th percentile", max(delay) AS "most"
      FROM (SELECT extract(epoch FROM received_at - reading_at)::float8 AS delay FROM dashboard.lamp_now WHERE ${SITE} AND is_current) AS newest`),
    [
      [null, 'green'],
      [300, 'orange'],
      [1800, 'red'],
    ],
  );

const rejectionsByDay = () =>
  tableOf(
    {
      title: 'Refused in the last week, by reason',
      description: 'Counted in the database, by day in UTC; of all sites.',
      unit: 'none',
      width: 12,
      height: 8,
      empty: 'Nothing was refused.',
    },
    table(`
      SELECT reason, sum(count) AS "refused", max(day) AS "last" FROM dashboard.rejection WHERE day > current_date - 7 GROUP BY reason ORDER BY sum(count) DESC`),
  ).overrideByName('refused', unitProperty('none'));

const commandLatency = () =>
  lines(
    {
      title: 'Command latency',
      description:
        'From the order to the acknowledgement of the controller and to the reading that confirms it, 95th percentile of the commands of a bucket. Confirmation waits for the next reading.',
      unit: 's',
      width: 12,
      height: 8,
      empty: 'No command in the time range.',
    },
    [
      series(`
        SELECT ${bucket('created_at', 60)} AS time,
          percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - created_at)::float8) AS "acknowledged",
          percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at)::float8) FILTER (WHERE state = 'confirmed') AS "confirmed"
        FROM dashboard.command WHERE ${SITE} AND $__timeFilter(created_at) GROUP BY 1 ORDER BY 1`),
    ],
  )
    .min(0)
    .showPoints(VisibilityMode.Auto);
