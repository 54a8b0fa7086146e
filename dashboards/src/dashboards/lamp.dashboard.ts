import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { lampCommandAnnotation, lampFaultAnnotation, sunAnnotation } from '../parts/annotations.js';
import { frame, UIDS } from '../parts/frame.js';
import {
  bars,
  lines,
  linkProperty,
  severityColumn,
  STATUS_COLORS,
  tableOf,
  unitProperty,
  wordColors,
  type Step,
} from '../parts/panels.js';
import { series, SITE, table } from '../parts/query.js';
import { lampVariable, siteVariable } from '../parts/variables.js';

const LAMP = `${SITE} AND lamp = \${lamp:sqlstring}`;

/** Everything that is known of one lamp. */
export function lampDashboard(): Dashboard {
  return frame(
    UIDS.lamp,
    'Lamp',
    'Every measure of one lamp, with its faults and commands marked. Come here by a link, or type the lamp’s address.',
    { from: 'now-48h', to: 'now' },
  )
    .variables([siteVariable(), lampVariable()])
    .annotation(lampFaultAnnotation())
    .annotation(lampCommandAnnotation())
    .annotation(sunAnnotation())
    .withPanel(about())
    .withPanel(now())
    .withPanel(
      measure('Light level', 'What the lamp shows, percent of its full light.', 'percent', 'light_level_percent', [
        [null, 'yellow'],
      ]),
    )
    .withPanel(
      measure('Active power', 'Mains power that the controller measures.', 'watt', 'active_power_w', [[null, 'blue']]),
    )
    .withPanel(
      measure(
        'Supply voltage',
        'Mains voltage at the lamp. EN 50160: 230 V, 10 % up or down.',
        'volt',
        'supply_voltage_v',
        [
          [null, 'red'],
          [207, 'green'],
          [253, 'red'],
        ],
      ),
    )
    .withPanel(measure('Supply current', 'Mains current.', 'amp', 'supply_current_a', [[null, 'blue']]))
    .withPanel(
      measure(
        'Power factor',
        'Low when the lamp is dimmed deeply; low at full light, the driver ages.',
        'none',
        'power_factor',
        [
          [null, 'orange'],
          [0.9, 'green'],
        ],
      ),
    )
    .withPanel(
      measure('Temperature', 'Of the control gear.', 'celsius', 'temperature_c', [
        [null, 'green'],
        [75, 'orange'],
        [90, 'red'],
      ]),
    )
    .withPanel(energy())
    .withPanel(
      measure(
        'Energy register',
        'As the controller reports it; it grows until it is reset.',
        'watth',
        'active_energy_wh',
        [[null, 'blue']],
      ),
    )
    .withPanel(measure('Operating hours', 'As the controller counts them.', 'h', 'operating_hours', [[null, 'blue']]))
    .withPanel(
      measure('Switch-on counter', 'As the controller counts; steep means cycling.', 'none', 'switch_on_count', [
        [null, 'blue'],
      ]),
    )
    .withPanel(faults())
    .withPanel(commands())
    .build();
}

const about = () =>
  tableOf(
    { title: 'The lamp', description: 'From the inventory.', unit: 'none', width: 16, height: 4 },
    table(`
      SELECT lamp, device, cabinet, circuit, lamp_type AS "lamp type", rated_power_w AS "rated power", array_to_string(groups, ', ') AS "groups", street, pole,
        road_class AS "class" FROM dashboard.lamp WHERE ${LAMP}`),
  )
    .overrideByName('rated power', unitProperty('watt'))
    .overrideByName('cabinet', [linkProperty('City', UIDS.city, { cabinet: '${__value.raw}' }, ['site'])]);

const now = () =>
  tableOf(
    {
      title: 'Now',
      description: 'Of the newest reading; level and power only when it is not older than three reporting intervals.',
      unit: 'none',
      width: 8,
      height: 4,
    },
    table(`
      SELECT status, light_level_percent AS "level", active_power_w AS "power", reading_at AS "read" FROM dashboard.lamp_now WHERE ${LAMP}`),
  )
    .overrideByName('status', [
      { id: 'mappings', value: [wordColors(STATUS_COLORS)] },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ])
    .overrideByName('level', unitProperty('percent', 0))
    .overrideByName('power', unitProperty('watt', 1))
    .overrideByName('read', unitProperty('dateTimeFromNow'));

function measure(title: string, description: string, unit: string, column: string, steps: readonly Step[]) {
  return lines(
    { title, description, unit, width: 8, height: 7 },
    [
      series(`
        SELECT time, ${column} AS "${title.toLowerCase()}" FROM dashboard.telemetry WHERE ${LAMP} AND $__timeFilter(time) ORDER BY time`),
    ],
    steps,
  );
}

const energy = () =>
  bars(
    {
      title: 'Energy by hour',
      description: 'From the register, spread evenly between two readings.',
      unit: 'watth',
      width: 8,
      height: 7,
    },
    [
      series(`
        SELECT hour AS time, energy_wh AS "energy" FROM dashboard.lamp_energy_hourly WHERE ${LAMP} AND $__timeFilter(hour) ORDER BY hour`),
    ],
    false,
  );

const faults = () =>
  tableOf(
    {
      title: 'Faults',
      description: 'Of the lamp itself, the newest 50, whatever the time range.',
      unit: 'none',
      width: 12,
      height: 8,
    },
    table(`
      SELECT opened_at AS "opened", cleared_at AS "cleared", severity, kind, phase, evidence FROM dashboard.fault WHERE ${LAMP} ORDER BY opened_at DESC LIMIT 50`),
  ).overrideByName('severity', severityColumn);

const commands = () =>
  tableOf(
    {
      title: 'Commands',
      description: 'To the lamp, the newest 50, whatever the time range. No level: back to its program.',
      unit: 'none',
      width: 12,
      height: 8,
    },
    table(`
      SELECT created_at AS "at", kind, level_percent AS "level", state, attempts AS "tries", created_by AS "by", reason, problem
      FROM dashboard.command WHERE ${LAMP} ORDER BY created_at DESC LIMIT 50`),
  ).overrideByName('level', unitProperty('percent', 0));
