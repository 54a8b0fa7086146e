import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, UIDS } from '../parts/frame.js';
import { sunAnnotation } from '../parts/annotations.js';
import {
  colorProperty,
  lines,
  linkProperty,
  NO_NIGHT,
  NO_SAMPLES,
  SAMPLE_GAP_MS,
  stat,
  tableOf,
  thresholdsProperty,
  TIME_PX,
  unitProperty,
  widthProperty,
} from '../parts/panels.js';
import { bucket, CHOSEN, series, SITE, table } from '../parts/query.js';
import { cabinetVariable, groupVariable, siteVariable } from '../parts/variables.js';

/** Whether the lamps do what their programs say, and whether that fits the sun. */
export function lightingDashboard(): Dashboard {
  return frame(
    UIDS.lighting,
    'Lighting',
    'Levels of the night as programmed and as reported, switching against sunset and sunrise, burning hours.',
    { from: 'now-24h', to: 'now' },
  )
    .variables([siteVariable(), cabinetVariable(), groupVariable()])
    .annotation(sunAnnotation())
    .withPanel(sunTonight())
    .withPanel(levelNow())
    .withPanel(levelCurve())
    .withPanel(levelDifference())
    .withPanel(burningHours())
    .withPanel(switchingOn())
    .withPanel(switchingOff())
    .withPanel(lastNight())
    .build();
}

const SUN = [
  ['sunset', 'sunset'],
  ['civil_dusk', 'civil dusk'],
  ['civil_dawn', 'civil dawn'],
  ['sunrise', 'sunrise'],
] as const;

const sunTonight = () =>
  stat(
    {
      title: 'Sun of this night',
      description:
        'Of the night, noon to noon, that it is now, on the clocks of the site. none: it does not happen; on white nights civil twilight does not end, on polar days the sun does not set.',
      unit: 'string',
      width: 12,
      height: 4,
    },
    table(`
      SELECT ${SUN.map(([column, name]) => `coalesce(to_char(${column} AT TIME ZONE time_zone, 'HH24:MI'), 'none') AS "${name}"`).join(', ')}
      FROM dashboard.night WHERE ${SITE} AND starts_at <= now() AND ends_at > now()`),
    [[null, 'orange']],
    { texts: true },
  );

const levelNow = () =>
  stat(
    {
      title: 'Mean level, wanted and reported',
      description:
        'Of the newest sample: over the lamps that report a level and whose wanted level is known. no data: the last sample is more than an hour old.',
      unit: 'percent',
      width: 12,
      height: 4,
    },
    table(`
      SELECT sum(wanted_level_sum) / nullif(sum(compared_lamps), 0) AS "wanted", sum(reported_level_sum) / nullif(sum(compared_lamps), 0) AS "reported",
        sum(compared_lamps) AS "lamps compared"
      FROM dashboard.lighting WHERE ${CHOSEN} AND time > now() - interval '1 hour'
        AND time = (SELECT max(time) FROM dashboard.lighting WHERE ${CHOSEN} AND time > now() - interval '1 hour')`),
    [[null, 'yellow']],
    { decimals: 0 },
  ).overrideByName('lamps compared', [...unitProperty('none'), thresholdsProperty([[null, 'text']])]);

const levelCurve = () =>
  lines(
    {
      title: 'Level, programmed and reported',
      description:
        'Mean over the lamps. Reported: what their newest readings show; programmed: what calendars and overrides asked for when these were taken, so both follow a step of the program by up to a reporting interval.',
      unit: 'percent',
      width: 24,
      height: 10,
      empty: NO_SAMPLES,
    },
    [
      series(`
        SELECT ${bucket('time', 900)} AS time, sum(wanted_level_sum) / nullif(sum(compared_lamps), 0) AS "programmed",
          sum(reported_level_sum) / nullif(sum(compared_lamps), 0) AS "reported"
        FROM dashboard.lighting WHERE ${CHOSEN} AND $__timeFilter(time) GROUP BY 1 ORDER BY 1`),
    ],
  )
    .min(0)
    .max(100)
    .insertNulls(SAMPLE_GAP_MS)
    .overrideByName('programmed', [colorProperty('blue'), { id: 'custom.lineInterpolation', value: 'stepAfter' }])
    .overrideByName('reported', [colorProperty('yellow')]);

const levelDifference = () =>
  tableOf(
    {
      title: 'Cabinets whose lamps show another level than they should',
      description:
        'Mean level over the last hour of samples by cabinet, the farthest off first. A difference that stays has a fault behind it, or a program that has not arrived.',
      unit: 'none',
      width: 12,
      height: 9,
      empty: 'No samples in the last hour.',
    },
    table(`
      SELECT cabinet, sum(wanted_level_sum) / sum(compared_lamps) AS "wanted", sum(reported_level_sum) / sum(compared_lamps) AS "reported",
        (sum(reported_level_sum) - sum(wanted_level_sum)) / sum(compared_lamps) AS "difference"
      FROM dashboard.lighting WHERE ${CHOSEN} AND time > now() - interval '1 hour'
      GROUP BY cabinet HAVING sum(compared_lamps) > 0 ORDER BY abs(sum(reported_level_sum) - sum(wanted_level_sum)) / sum(compared_lamps) DESC LIMIT 50`),
  )
    .overrideByName('wanted', unitProperty('percent', 0))
    .overrideByName('reported', unitProperty('percent', 0))
    .overrideByName('difference', [
      ...unitProperty('percent', 0),
      thresholdsProperty([
        [null, 'red'],
        [-20, 'orange'],
        [-5, 'green'],
        [5, 'orange'],
        [20, 'red'],
      ]),
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ])
    .overrideByName('cabinet', [linkProperty('This cabinet only', UIDS.lighting, { cabinet: '${__value.raw}' })]);

const minutes = (from: string, to: string) => `extract(epoch FROM ${from} - ${to})::float8 / 60`;

function switching(title: string, description: string, own: 'lit_from' | 'lit_until', sun: 'sunset' | 'sunrise') {
  return lines({ title, description, unit: 'suffix:min', width: 12, height: 8, empty: NO_NIGHT }, [
    series(`
        SELECT starts_at AS time, ${minutes(`${own}_p10`, sun)} AS "first tenth", ${minutes(`${own}_p50`, sun)} AS "median",
          ${minutes(`${own}_p90`, sun)} AS "last tenth"
        FROM dashboard.night WHERE ${SITE} AND $__timeFilter(starts_at) AND ends_at < now() AND lit_from_p50 IS NOT NULL ORDER BY 1`),
  ]).timeFrom('30d');
}

const switchingOn = () =>
  switching(
    'Switching on, minutes after sunset',
    'Night by night, all lamps of the site: when the first tenth, half and nine tenths of the lamps showed light first. Readings come once in a reporting interval, so light is seen up to that much late.',
    'lit_from',
    'sunset',
  );

const switchingOff = () =>
  switching(
    'Switching off, minutes after sunrise',
    'Night by night, all lamps of the site: when the last light was seen of a tenth, half and nine tenths of the lamps. Below zero is before sunrise.',
    'lit_until',
    'sunrise',
  );

const burningHours = () =>
  lines(
    {
      title: 'Burning hours of a night, against its darkness',
      description:
        'Median of the operating hours that the lamps counted in a night, and the hours from sunset to sunrise. All lamps of the site.',
      unit: 'suffix:h',
      width: 12,
      height: 9,
      empty: NO_NIGHT,
    },
    [
      series(`
        SELECT starts_at AS time, burning_h_p50 AS "burning", dark_h AS "dark"
        FROM dashboard.night WHERE ${SITE} AND $__timeFilter(starts_at) AND ends_at < now() AND burning_h_p50 IS NOT NULL ORDER BY 1`),
    ],
  )
    .min(0)
    .timeFrom('30d');

const lastNight = () =>
  tableOf(
    {
      title: 'Lamps that burnt otherwise than the others last night',
      description:
        'The 50 lamps whose burning hours differ most from the median of the chosen lamps. Operating hours come from the controllers.',
      unit: 'none',
      width: 24,
      height: 10,
      empty: NO_NIGHT,
    },
    table(`
      WITH own AS (
        SELECT lamp, cabinet, lamp_type, street, lit_from, lit_until, burning_h FROM dashboard.lamp_night
        WHERE ${CHOSEN} AND burning_h IS NOT NULL
          AND night = (SELECT max(night) FROM dashboard.night WHERE ${SITE} AND ends_at < now() AND lit_from_p50 IS NOT NULL)
      ), middle AS (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY burning_h) AS burning_h FROM own)
      SELECT lamp, cabinet, lamp_type AS "lamp type", street, lit_from AS "first light", lit_until AS "last light", own.burning_h AS "burning",
        own.burning_h - middle.burning_h AS "against median"
      FROM own, middle ORDER BY abs(own.burning_h - middle.burning_h) DESC, lamp LIMIT 50`),
  )
    .overrideByName('first light', [widthProperty(TIME_PX)])
    .overrideByName('last light', [widthProperty(TIME_PX)])
    .overrideByName('burning', unitProperty('suffix:h', 1))
    .overrideByName('against median', unitProperty('suffix:h', 1))
    .overrideByName('lamp', [linkProperty('Lamp', UIDS.lamp, { lamp: '${__value.raw}' }, ['site'])]);
