import { z } from 'zod';
import { GAUGES, REGISTERS, type Measure } from '#libs/storage';
import { addressField, instantField, queryInteger } from '../http/fields.schema.js';
import { momentField } from '../http/time-range.js';

export const MEASURES = [...Object.keys(GAUGES), ...Object.keys(REGISTERS)] as Measure[];
const RULE = `must be one or more of ${MEASURES.join(', ')}, separated by commas`;

const measures = z
  .string()
  .max(400, RULE)
  .transform((text, context): Measure[] => {
    const names = [...new Set(text.split(','))];
    if (names.every((name): name is Measure => MEASURES.includes(name as Measure))) return names;
    context.addIssue({ code: 'custom', message: RULE });
    return z.NEVER;
  })
  .optional()
  .meta({
    description: 'Which measures, separated by commas; all when absent',
    jsonSchema: { type: 'string', example: 'activePowerW,lightLevelPercent' },
  });

/** Sizes of buckets, seconds by their ISO 8601 names. */
export const RESOLUTIONS = {
  PT1M: 60,
  PT5M: 300,
  PT15M: 900,
  PT30M: 1_800,
  PT1H: 3_600,
  PT3H: 10_800,
  PT6H: 21_600,
  PT12H: 43_200,
  P1D: 86_400,
  P7D: 604_800,
} as const;
export type Resolution = keyof typeof RESOLUTIONS;
const resolutions = Object.keys(RESOLUTIONS) as [Resolution, ...Resolution[]];

export const telemetryQuery = z.strictObject({
  from: momentField('Begin, inclusive; 24 hours before `to` when absent', '2026-11-23T12:00:00Z').optional(),
  to: momentField('End, exclusive; now when absent', '2026-11-24T12:00:00Z').optional(),
  measures,
  maxPoints: queryInteger(
    1,
    10_000,
    'How many points are wanted at the most: readings when they fit, else buckets',
    500,
  ),
  resolution: z
    .enum(resolutions, `must be one of ${resolutions.join(', ')}`)
    .optional()
    .meta({ description: 'Size of the buckets, whatever fits; `maxPoints` has no effect then', examples: ['PT15M'] }),
});

const gauge = z
  .strictObject({ min: z.number().nullable(), avg: z.number().nullable(), max: z.number().nullable() })
  .meta({
    id: 'GaugeBucket',
    description: 'Of a measure that goes up and down',
    examples: [{ min: 22.1, avg: 22.7, max: 23.4 }],
  });
const register = z
  .strictObject({ last: z.number().nullable() })
  .meta({ id: 'RegisterBucket', description: 'Of a register that only grows', examples: [{ last: 1_240_511 }] });

const values = z.partialRecord(z.enum(MEASURES as [Measure, ...Measure[]]), z.number().nullable());

export const telemetryView = z
  .strictObject({
    lamp: addressField('Address of the lamp', 'BT-0001'),
    from: instantField('Begin, inclusive', '2026-11-23T12:00:00.000Z'),
    to: instantField('End, exclusive', '2026-11-24T12:00:00.000Z'),
    resolution: z
      .enum(['raw', ...resolutions])
      .meta({ description: 'raw: readings as they came; else the size of the buckets', examples: ['raw'] }),
    bucketS: z
      .int()
      .nullable()
      .meta({ description: 'The size of the buckets, seconds; null for raw', examples: [900] }),
    averagedUntil: instantField(
      'Readings from before are not kept any more: buckets up to here are made from averages by hour (or day), at least as coarse as these, without registers; null: all is from readings',
      '2026-05-27T00:00:00.000Z',
    ).nullable(),
    readings: z
      .array(z.strictObject({ time: instantField('When it was measured'), values }))
      .nullable()
      .meta({
        description: 'In the order of time; null unless raw',
        examples: [[{ time: '2026-11-23T17:00:00.000Z', values: { activePowerW: 22.8 } }]],
      }),
    buckets: z
      .array(
        z.strictObject({
          start: instantField('Begin of the bucket'),
          count: z.int().meta({ description: 'Readings in it', examples: [3] }),
          values: z.partialRecord(z.enum(MEASURES as [Measure, ...Measure[]]), z.union([gauge, register])),
        }),
      )
      .nullable()
      .meta({
        description: 'In the order of time, without empty ones; null when raw',
        examples: [
          [
            {
              start: '2026-11-23T17:00:00.000Z',
              count: 3,
              values: { activePowerW: { min: 22.1, avg: 22.7, max: 23.4 } },
            },
          ],
        ],
      }),
  })
  .meta({ id: 'Telemetry', description: 'The readings of a lamp over time' });
