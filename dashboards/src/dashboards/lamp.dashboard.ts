import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { lampCommandAnnotation, lampFaultAnnotation, sunAnnotation } from '../parts/annotations.js';
import { frame, UIDS } from '../parts/frame.js';
import {
  bars,
  fixedColor,
  lines,
  linkProperty,
  NEUTRAL,
  noLegend,
  severityColumn,
  stat,
  STATUS_COLORS,
  tableOf,
  TIME_PX,
  unitProperty,
  widthProperty,
  wordColors,
  wrapProperty,
  type Step,
} from '../parts/panels.js';
import { series, SITE, table, words } from '../parts/query.js';
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
    .withPanel(now())
    .withPanel(about())
    .withPanel(
      measure({
        title: 'Light level',
        description: 'What the lamp shows, percent of its full light.',
        unit: 'percent',
        column: 'light_level_percent',
        color: 'yellow',
      })
        .min(0)
        .max(100),
    )
    .withPanel(
      measure({
        title: 'Active power',
        description: 'Mains power that the controller measures.',
        unit: 'watt',
        column: 'active_power_w',
        color: 'blue',
      }).min(0),
    )
    .withPanel(
      measure({
        title: 'Supply voltage',
        description: 'Mains voltage at the lamp. Red lines: EN 50160, 230 V, 10 % up or down.',
        unit: 'volt',
        column: 'supply_voltage_v',
        color: 'green',
        limits: [
          [null, 'transparent'],
          [207, 'red'],
          [253, 'red'],
        ],
      })
        .axisSoftMin(200)
        .axisSoftMax(260),
    )
    .withPanel(
      measure({
        title: 'Supply current',
        description: 'Mains current.',
        unit: 'amp',
        column: 'supply_current_a',
        color: 'blue',
      }).min(0),
    )
    .withPanel(
      measure({
        title: 'Power factor',
        description:
          'Orange line: 0.9, above which a lamp at full light should be. It is low when the lamp is off or dimmed deeply; low at full light, the driver ages.',
        unit: 'none',
        column: 'power_factor',
        color: 'blue',
        limits: [
          [null, 'transparent'],
          [0.9, 'orange'],
        ],
      })
        .min(0)
        .max(1),
    )
    .withPanel(
      measure({
        title: 'Temperature',
        description: 'Of the control gear. Orange line: 75 °C, red line: 90 °C.',
        unit: 'celsius',
        column: 'temperature_c',
        color: 'green',
        limits: [
          [null, 'transparent'],
          [75, 'orange'],
          [90, 'red'],
        ],
      })
        .axisSoftMin(0)
        .axisSoftMax(95),
    )
    .withPanel(energy())
    .withPanel(
      measure({
        title: 'Energy register',
        description: 'As the controller reports it; it grows until it is reset.',
        unit: 'watth',
        column: 'active_energy_wh',
        color: 'blue',
        width: 6,
      }).decimals(2),
    )
    .withPanel(
      measure({
        title: 'Operating hours',
        description: 'As the controller counts them.',
        unit: 'suffix:h',
        column: 'operating_hours',
        color: 'blue',
        width: 6,
      }),
    )
    .withPanel(
      measure({
        title: 'Switch-on counter',
        description: 'As the controller counts; steep means cycling.',
        unit: 'none',
        column: 'switch_on_count',
        color: 'blue',
        width: 6,
      }).decimals(0),
    )
    .withPanel(faults())
    .withPanel(commands())
    .build();
}

const about = () =>
  tableOf(
    {
      title: 'The lamp',
      description: 'From the inventory.',
      unit: 'none',
      width: 24,
      height: 4,
      empty: 'No lamp of the site has this address: type another one above, or come here by a link.',
    },
    table(`
      SELECT lamp, device, cabinet, circuit, lamp_type AS "lamp type", rated_power_w AS "rated power", array_to_string(groups, ', ') AS "groups", street, pole,
        road_class AS "class" FROM dashboard.lamp WHERE ${LAMP}`),
  )
    .overrideByName('rated power', unitProperty('watt'))
    .overrideByName('groups', [wrapProperty])
    .overrideByName('street', [wrapProperty])
    .overrideByName('cabinet', [linkProperty('City', UIDS.city, { cabinet: '${__value.raw}' }, ['site'])]);

const now = () =>
  stat(
    {
      title: 'Now',
      description: 'Of the newest reading; level and power only when it is not older than three reporting intervals.',
      unit: 'none',
      width: 24,
      height: 4,
      empty: 'not known',
    },
    table(`
      SELECT status, light_level_percent AS "level", active_power_w AS "power", extract(epoch FROM reading_at)::float8 * 1000 AS "read"
      FROM dashboard.lamp_now WHERE ${LAMP}`),
    [[null, 'text']],
    { texts: true },
  )
    .overrideByName('status', [
      { id: 'unit', value: 'string' },
      { id: 'mappings', value: [wordColors(STATUS_COLORS)] },
    ])
    .overrideByName('level', unitProperty('percent', 0))
    .overrideByName('power', unitProperty('watt', 1))
    .overrideByName('read', unitProperty('dateTimeFromNow'));

interface Measure {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly column: string;
  readonly color: string;
  /** Drawn as lines. The first has no value and is not drawn. */
  readonly limits?: readonly Step[];
  readonly width?: number;
}

/** More than an hour between two readings is not bridged; a reading alone is a point. */
const READING_GAP_MS = 3_600_000;

function measure({ title, description, unit, column, color, limits = NEUTRAL, width = 8 }: Measure) {
  return lines(
    {
      title,
      description,
      unit,
      width,
      height: 7,
      empty: 'No such readings: the lamp does not report this, or was silent.',
    },
    [
      series(`
        SELECT time, ${column} AS "${title.toLowerCase()}" FROM dashboard.telemetry
        WHERE ${LAMP} AND $__timeFilter(time) AND ${column} IS NOT NULL ORDER BY time`),
    ],
    limits,
  )
    .colorScheme(fixedColor(color))
    .showPoints(VisibilityMode.Auto)
    .insertNulls(READING_GAP_MS)
    .legend(noLegend())
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        limits === NEUTRAL ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed,
      ),
    );
}

const energy = () =>
  bars(
    {
      title: 'Energy by hour',
      description: 'From the register, spread evenly between two readings.',
      unit: 'watth',
      width: 6,
      height: 7,
      empty: 'No energy is booked for the lamp in the time range.',
    },
    [
      series(`
        SELECT hour AS time, energy_wh AS "energy" FROM dashboard.lamp_energy_hourly WHERE ${LAMP} AND $__timeFilter(hour) ORDER BY hour`),
    ],
    false,
  ).legend(noLegend());

const faults = () =>
  tableOf(
    {
      title: 'Faults',
      description: 'Of the lamp itself, the newest 50, whatever the time range.',
      unit: 'none',
      width: 24,
      height: 7,
      empty: 'The lamp has had no fault.',
    },
    table(`
      SELECT opened_at AS "opened", cleared_at AS "cleared", severity, ${words('kind')} AS "kind", phase, evidence FROM dashboard.fault WHERE ${LAMP} ORDER BY opened_at DESC LIMIT 50`),
  )
    .overrideByName('opened', [widthProperty(TIME_PX)])
    .overrideByName('cleared', [widthProperty(TIME_PX)])
    .overrideByName('severity', severityColumn)
    .overrideByName('kind', [widthProperty(175), wrapProperty])
    .overrideByName('phase', [widthProperty(90)])
    .overrideByName('evidence', [wrapProperty]);

const commands = () =>
  tableOf(
    {
      title: 'Commands',
      description: 'To the lamp, the newest 50, whatever the time range. No level: back to its program.',
      unit: 'none',
      width: 24,
      height: 7,
      empty: 'The lamp has had no command.',
    },
    table(`
      SELECT created_at AS "at", kind, level_percent AS "level", state, attempts AS "tries", created_by AS "by", reason, problem
      FROM dashboard.command WHERE ${LAMP} ORDER BY created_at DESC LIMIT 50`),
  )
    .overrideByName('at', [widthProperty(TIME_PX)])
    .overrideByName('level', [...unitProperty('percent', 0), widthProperty(80)])
    .overrideByName('tries', [widthProperty(70)])
    .overrideByName('kind', [widthProperty(90)])
    .overrideByName('state', [widthProperty(115)])
    .overrideByName('problem', [wrapProperty]);
