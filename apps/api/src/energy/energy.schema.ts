import { z } from 'zod';
import { addressField, instantField } from '../http/fields.schema.js';
import { momentField } from '../http/time-range.js';

const BUCKETS = ['hour', 'day', 'month'] as const;
const GROUPINGS = ['site', 'cabinet', 'group', 'lamp'] as const;

const period = {
  from: momentField(
    'Begin, inclusive, on a full local hour; seven days before `to` when absent',
    '2026-11-01',
  ).optional(),
  to: momentField(
    'End, exclusive, on a full local hour; the end of the current hour when absent',
    '2026-12-01',
  ).optional(),
  by: z
    .enum(BUCKETS, `must be one of ${BUCKETS.join(', ')}`)
    .default('day')
    .meta({
      description: 'Buckets, local to the site: days have 23 or 25 hours when the clock changes',
      examples: ['day'],
    }),
};

export const energyOfOneQuery = z.strictObject(period);

export const energyQuery = z.strictObject({
  ...period,
  groupBy: z
    .enum(GROUPINGS, `must be one of ${GROUPINGS.join(', ')}`)
    .default('site')
    .meta({ description: 'What the rows are of. A lamp in several groups counts in each', examples: ['cabinet'] }),
  cabinet: addressField('Only lamps fed by this cabinet', 'CAB-01').optional(),
  group: addressField('Only lamps in this group', 'CENTRE').optional(),
  lamp: addressField('Only this lamp', 'BT-0001').optional(),
});

const energyKwh = z.number().meta({ description: 'Active energy, kWh', examples: [12.407] });
const cost = z
  .number()
  .nullable()
  .meta({
    description: 'In `currency`; null where no tariff holds for a part of it, or several currencies do',
    examples: [2.29],
  });
const currency = z
  .string()
  .nullable()
  .meta({ description: 'ISO 4217', examples: ['RON'] });
const co2Kg = z
  .number()
  .nullable()
  .meta({ description: 'CO₂, kg; null when the site has no co2GPerKwh', examples: [3.29] });
const sums = { energyKwh, cost, currency, co2Kg };

export const energyView = z
  .strictObject({
    site: addressField('Address of the site', 'BT'),
    timeZone: z.string().meta({ description: 'Zone of the buckets', examples: ['Europe/Bucharest'] }),
    from: instantField('Begin, inclusive', '2026-10-31T22:00:00.000Z'),
    to: instantField('End, exclusive', '2026-11-30T22:00:00.000Z'),
    by: z.enum(BUCKETS).meta({ description: 'Size of the buckets', examples: ['day'] }),
    groupBy: z.enum(GROUPINGS).meta({ description: 'What the rows are of', examples: ['cabinet'] }),
    rows: z
      .array(
        z.strictObject({
          key: z
            .string()
            .nullable()
            .meta({
              description: 'Address of what the row is of; null: lamps without a cabinet',
              examples: ['CAB-01'],
            }),
          start: instantField('Begin of the bucket', '2026-10-31T22:00:00.000Z'),
          hours: z.number().meta({ description: 'Length of the whole bucket, h', examples: [24] }),
          ...sums,
        }),
      )
      .meta({ description: 'By key, then time; buckets without readings are absent' }),
    totals: z.strictObject({
      ...sums,
      bands: z
        .array(
          z.strictObject({
            band: z
              .string()
              .nullable()
              .meta({ description: 'Tariff band; null where no tariff holds', examples: ['night'] }),
            energyKwh,
            cost,
            currency,
          }),
        )
        .meta({ description: 'The totals by tariff band' }),
    }),
  })
  .meta({ id: 'Energy', description: 'Energy from the lamps’ registers, with its cost and CO₂' });

export type EnergyQueryParameters = z.infer<typeof energyQuery>;
export type EnergyView = z.infer<typeof energyView>;
