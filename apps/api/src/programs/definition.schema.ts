/** The body of a control program: ControlProgram of libs/schedules, with messages that say what to do. */
import type { AnchoredTime, ControlProgram } from '#libs/schedules';
import { z } from 'zod';
import { numberField } from '../http/fields.schema.js';

const MAX_OFFSET_MINUTES = 720;
const MAX_FADE_S = 3600;
const ANCHORS = 'clock, sunset, sunrise, civilDusk, civilDawn, sunAltitude, solarMidnight, virtualMidnight';

const kind = <K extends string>(name: K, description: string) => z.literal(name).meta({ description });
const event = <K extends string>(name: K, description: string) => z.strictObject({ kind: kind(name, description) });

const anchor = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: kind('clock', 'Wall time of the place'),
        time: z
          .string('must be a wall time of the place as HH:MM or HH:MM:SS, such as 23:00')
          .regex(
            /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/,
            'must be a wall time of the place as HH:MM or HH:MM:SS, such as 23:00 (midnight is 00:00)',
          )
          .meta({
            description: 'From 12:00 on: the evening of the date; before 12:00: the morning after',
            examples: ['23:00'],
          }),
      }),
      event('sunset', 'The upper limb of the sun touches the horizon'),
      event('sunrise', 'The upper limb of the sun touches the horizon'),
      event('civilDusk', 'The sun is 6° below the horizon, falling'),
      event('civilDawn', 'The sun is 6° below the horizon, rising'),
      z.strictObject({
        kind: kind('sunAltitude', 'The centre of the sun passes an altitude'),
        altitudeDeg: numberField(-18, 18, 'Degrees above the horizon, negative below', -4),
        half: z
          .enum(['evening', 'morning'], 'must be evening (the sun is falling) or morning (rising)')
          .meta({ description: 'evening: falling; morning: rising', examples: ['evening'] }),
      }),
      event('solarMidnight', 'The sun is lowest'),
      event('virtualMidnight', 'The middle between sunset and sunrise'),
    ],
    {
      error: ({ code }) =>
        code === 'invalid_union' ? `must be one of ${ANCHORS}` : 'must be an object such as {"kind": "sunset"}',
    },
  )
  .meta({ id: 'Anchor', description: 'Something that happens once in a night', examples: [{ kind: 'civilDusk' }] });

const anchoredTime = z
  .strictObject(
    {
      anchor,
      offsetMinutes: numberField(
        -MAX_OFFSET_MINUTES,
        MAX_OFFSET_MINUTES,
        'Minutes after the anchor, negative before; no further than the noon on either side',
        -10,
      ).default(0),
    },
    {
      error: (issue) =>
        objectRule(issue, 'must be an object such as {"anchor": {"kind": "sunset"}, "offsetMinutes": 10}'),
    },
  )
  .meta({ id: 'AnchoredTime', description: 'An anchor, moved by minutes' });

const switchPoint = z
  .strictObject(
    {
      at: anchoredTime,
      levelPercent: numberField(0, 100, 'Light level, percent of full output; 0 is off', 60),
      fadeS: numberField(0, MAX_FADE_S, 'Seconds that the lamp takes to get there', 30).default(0),
    },
    { error: (issue) => objectRule(issue, 'must be a switch point: an object with at and levelPercent') },
  )
  .meta({ id: 'SwitchPoint', description: 'From `at` on the level holds, until the next switch point' });

const activePeriod = z
  .strictObject(
    { from: anchoredTime, to: anchoredTime },
    { error: (issue) => objectRule(issue, 'must be an active period: an object with from and to') },
  )
  .meta({
    id: 'ActivePeriod',
    description: 'In which the lamp may be lit. Empty in a night in which its end is not after its start',
  });

/** Own words for what is no object at all; the usual ones for what is wrong inside. */
function objectRule({ code }: { readonly code: string }, rule: string): string | undefined {
  return code === 'invalid_type' ? rule : undefined;
}

export const definitionFields = {
  activePeriods: z
    .array(activePeriod, 'must be a list of active periods; [] is all the time')
    .max(8, 'must be 8 active periods at the most')
    .meta({ description: 'Outside them the lamp is off. None: active all the time' }),
  switchPoints: z
    .array(switchPoint, 'must be a list of switch points; [] is full level while active')
    .max(32, 'must be 32 switch points at the most: devices keep a month of nights')
    .meta({
      description:
        'Of two at one instant the later in the list holds. Before the first of a night the last one of the program holds. ' +
        'None: full level while active',
    }),
  minimumLevelPercent: numberField(
    0,
    100,
    'Levels above 0 are raised to this; lamp types and lighting classes may raise them further',
    20,
  ),
};

export const definitionDefaults = {
  activePeriods: definitionFields.activePeriods.default([]),
  switchPoints: definitionFields.switchPoints.default([]),
  minimumLevelPercent: definitionFields.minimumLevelPercent.default(0),
};

export const EXAMPLE_DEFINITION = {
  activePeriods: [
    {
      from: { anchor: { kind: 'civilDusk' as const }, offsetMinutes: -10 },
      to: { anchor: { kind: 'civilDawn' as const } },
    },
  ],
  switchPoints: [
    { at: { anchor: { kind: 'civilDusk' as const }, offsetMinutes: -10 }, levelPercent: 100, fadeS: 30 },
    { at: { anchor: { kind: 'clock' as const, time: '23:00' } }, levelPercent: 60, fadeS: 60 },
    { at: { anchor: { kind: 'clock' as const, time: '05:00' } }, levelPercent: 100, fadeS: 60 },
  ],
  minimumLevelPercent: 20,
};

export const definition = z
  .strictObject(definitionDefaults)
  .meta({ id: 'ProgramDefinition', description: 'What a lamp does in a night', examples: [EXAMPLE_DEFINITION] });

/** The parts of it that `data` holds, as libs/schedules wants them. */
export function definitionOf(data: z.infer<typeof definition>): ControlProgram {
  const { activePeriods, switchPoints, minimumLevelPercent } = data;
  return { activePeriods, switchPoints, minimumLevelPercent };
}

export const definitionView = z.strictObject(definitionFields);

/** A definition as people read it: the database keeps no order of names. */
export function viewOf(program: ControlProgram): z.infer<typeof definitionView> {
  const { activePeriods, switchPoints, minimumLevelPercent } = program;
  return {
    activePeriods: activePeriods.map(({ from, to }) => ({ from: timeView(from), to: timeView(to) })),
    switchPoints: switchPoints.map(({ at, levelPercent, fadeS }) => ({ at: timeView(at), levelPercent, fadeS })),
    minimumLevelPercent,
  };
}

function timeView({ anchor: { kind, ...rest }, offsetMinutes }: AnchoredTime) {
  return { anchor: { kind, ...rest } as z.infer<typeof anchor>, offsetMinutes };
}
