import { z } from 'zod';
import { FAULT_KINDS } from '#libs/faults';
import { SEVERITIES } from '../faults/fault.schema.js';
import { addressField, instantField, queryInteger } from '../http/fields.schema.js';
import { momentField } from '../http/time-range.js';

const BYS = ['lampType', 'group', 'month'] as const;

const format = z
  .enum(['json', 'csv'], 'must be json or csv')
  .default('json')
  .meta({ description: 'csv: the rows as a table for spreadsheets', examples: ['csv'] });

const period = {
  from: momentField('Begin, inclusive; a year before `to` when absent', '2026-01-01').optional(),
  to: momentField('End, exclusive; now when absent or later', '2026-11-01').optional(),
};

export const availabilityQuery = z.strictObject({
  ...period,
  by: z
    .enum(BYS, `must be one of ${BYS.join(', ')}`)
    .default('lampType')
    .meta({ description: 'What the rows are of. A lamp in several groups counts in each', examples: ['month'] }),
  format,
});
export const lifeQuery = z.strictObject({
  withinHours: queryInteger(0, 1_000_000, 'Lamps whose rated life ends within so many burning hours', 4_000),
  limit: queryInteger(1, 50_000, 'Lamps at the most', 1_000),
  format,
});
export const dayBurnersQuery = z.strictObject({
  ...period,
  limit: queryInteger(1, 50_000, 'Lamps at the most', 1_000),
  format,
});
export const responseQuery = z.strictObject({ ...period, format });

const number = (description: string, example: number) => z.number().meta({ description, examples: [example] });
const count = (description: string, example: number) => z.int().meta({ description, examples: [example] });
const optional = (description: string, example: number) => number(description, example).nullable();
const text = (description: string, example: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [example] });

const frame = {
  site: addressField('Address of the site', 'BT'),
  timeZone: z.string().meta({ description: 'Zone of the months', examples: ['Europe/Bucharest'] }),
  from: instantField('Begin, inclusive', '2025-12-31T22:00:00.000Z'),
  to: instantField('End, exclusive', '2026-10-31T22:00:00.000Z'),
};

const availability = {
  lamps: count('Lamps that were in service at some time', 4_200),
  lampHours: number('Hours in service, summed over the lamps', 30_660_000),
  unavailableHours: number('Of these, hours in which they were dark or not heard', 61_320),
  availabilityPercent: optional('The share of the hours in which they were not; null without lamps', 99.8),
  failures: count('Faults of kind lampFailure that opened and are no part of an outage', 21),
  failuresPer1000LampYears: optional('The same for 1,000 lamps and a year of 8,766 hours', 6),
};

export const availabilityView = z
  .strictObject({
    ...frame,
    by: z.enum(BYS).meta({ description: 'What the rows are of', examples: ['lampType'] }),
    rows: z
      .array(
        z.strictObject({
          key: z.string().meta({
            description: 'Code of the lamp type, address of the group, or month as YYYY-MM',
            examples: ['LED-57'],
          }),
          ...availability,
        }),
      )
      .meta({ description: 'In the order of their keys' }),
    total: z.strictObject(availability).meta({ description: 'The whole site in the whole period' }),
  })
  .meta({ id: 'AvailabilityReport', description: 'How much of the time the lamps did their work' });

const whichLamp = {
  lamp: addressField('Address of the lamp', 'BT-0001'),
  lampType: addressField('Code of its lamp type', 'LED-57'),
  cabinet: text('Address of its cabinet', 'CAB-01'),
  street: text('Street', 'Bulevardul Mihai Eminescu'),
  pole: text('Number of the pole', '17A'),
};

export const lifeView = z
  .strictObject({
    site: frame.site,
    withinHours: count('Lamps whose rated life ends within so many burning hours are due', 4_000),
    lampTypes: z
      .array(
        z.strictObject({
          lampType: whichLamp.lampType,
          ratedLifeH: optional('Rated life, hours; null when the lamp type does not say', 100_000),
          lamps: count('Lamps in service', 4_200),
          known: count('Of these, lamps that report their burning hours', 4_180),
          due: count('Of these, lamps that are due', 12),
          medianOperatingHours: optional('Half of the lamps have burnt for less, hours', 21_300),
          maxOperatingHours: optional('The longest that one has burnt, hours', 98_000),
        }),
      )
      .meta({ description: 'In the order of their codes' }),
    rows: z
      .array(
        z.strictObject({
          ...whichLamp,
          operatingHours: number('Burning hours, as its controller counts them', 97_120),
          at: instantField('When it said so'),
          ratedLifeH: number('Rated life of its type, hours', 100_000),
          remainingHours: number('What is left of it, hours; below 0 when it is over', 2_880),
          usedPercent: number('The share that is used up, percent', 97.12),
        }),
      )
      .meta({ description: 'Lamps that are due, the most worn first' }),
  })
  .meta({ id: 'LifeReport', description: 'Burning hours against rated life' });

const burning = {
  openHours: number('How long its faults were there, hours', 38.5),
  openEnergyKwh: number('What it drew meanwhile, kWh', 2.1),
  dayHours: number('Of these hours, those with the sun up', 21),
  wastedKwh: number('What it drew with the sun up: nobody needed it', 1.2),
};

export const dayBurnersView = z
  .strictObject({
    ...frame,
    rows: z
      .array(
        z.strictObject({
          ...whichLamp,
          kinds: z.array(z.enum(FAULT_KINDS)).meta({ description: 'What was wrong', examples: [['lampUnexpectedOn']] }),
          faults: count('How many faults', 2),
          ...burning,
        }),
      )
      .meta({ description: 'The greatest waste first' }),
    total: z
      .strictObject({ lamps: count('Lamps in the rows', 3), ...burning })
      .meta({ description: 'The sum of the rows' }),
  })
  .meta({ id: 'DayBurnersReport', description: 'Energy of lamps that burnt when they should not' });

export const responseView = z
  .strictObject({
    ...frame,
    rows: z
      .array(
        z.strictObject({
          crew: text('Address of the crew; null: faults that no crew had', 'NORTH'),
          severity: z.enum(SEVERITIES).meta({ description: 'Severity of the faults', examples: ['major'] }),
          faults: count('Faults that opened in the period', 40),
          acknowledged: count('Of these, those that somebody acknowledged', 38),
          acknowledgeMedianS: optional('Half of these were acknowledged within, s', 900),
          acknowledgeP90S: optional('Nine of ten were acknowledged within, s', 5_400),
          repaired: count('Those that are not seen any more', 36),
          repairMedianS: optional('Half of these were gone within, s', 86_400),
          repairP90S: optional('Nine of ten were gone within, s', 260_000),
        }),
      )
      .meta({ description: 'By crew, the most severe first' }),
  })
  .meta({ id: 'ResponseReport', description: 'How fast faults are acknowledged and repaired' });
