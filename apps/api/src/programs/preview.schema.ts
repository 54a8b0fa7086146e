import { z } from 'zod';
import { addressField, latitudeField, longitudeField, numberField } from '../http/fields.schema.js';
import { formatField } from '../http/accepts-svg.js';
import { isTimeZone } from '../sites/site.schema.js';
import { definition, EXAMPLE_DEFINITION } from './definition.schema.js';
import { burningHours, firedPoints, fullLevelHours, nightDateField, segments, sun } from './night/night.schema.js';
import { warnings } from './program.schema.js';

const place = z
  .strictObject({
    latitude: latitudeField(47.7487),
    longitude: longitudeField(26.6694),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'must be an IANA time zone such as Europe/Bucharest')
      .meta({ description: 'IANA time zone', examples: ['Europe/Bucharest'] }),
  })
  .meta({ id: 'Place', description: 'Where the night is' });

const lamps = z
  .strictObject({
    lampType: addressField('Code of the lamp type; or else ratedPowerW', 'LED-57').optional(),
    ratedPowerW: numberField(0.1, 100_000, 'Mains power at 100 % light level, W; or else lampType', 57).optional(),
    standbyPowerW: numberField(0, 1_000, 'Mains power when off but supplied, W; with ratedPowerW', 0.5).optional(),
    count: z
      .int('must be a whole number')
      .min(1, 'must be 1 or more')
      .max(1_000_000, 'must be 1000000 or less')
      .default(1)
      .meta({ description: 'How many', examples: [310] }),
  })
  .superRefine(({ lampType, ratedPowerW, standbyPowerW }, context) => {
    const problem = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    if (lampType === undefined && ratedPowerW === undefined) problem('lampType', 'must be given, or else ratedPowerW');
    if (lampType === undefined) return;
    if (ratedPowerW !== undefined) problem('ratedPowerW', 'says what lampType says already: give one of them');
    if (standbyPowerW !== undefined) problem('standbyPowerW', 'says what lampType says already: give one of them');
  })
  .meta({ id: 'PreviewLamps', description: 'What burns; without it there is no energy in the answer' });

const tariff = z
  .strictObject({
    pricePerKwh: numberField(-1_000_000, 1_000_000, 'Price per kWh at all hours', 0.18),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
      .meta({ description: 'ISO 4217', examples: ['EUR'] }),
  })
  .meta({ id: 'PreviewTariff', description: 'One price at all hours' });

export const previewRequest = z
  .strictObject({
    program: definition.optional(),
    programAddress: addressField('A program of the site instead of a definition', 'EVENING').optional(),
    site: addressField('Gives the place, the program of programAddress and the tariff', 'BT').optional(),
    place: place.optional(),
    from: nightDateField,
    nights: z
      .int('must be a whole number')
      .min(1, 'must be 1 or more')
      .max(31, 'must be 31 or less: ask again for more')
      .default(1)
      .meta({ description: 'How many nights', examples: [1] }),
    lamps: lamps.optional(),
    tariff: tariff.optional(),
  })
  .superRefine(({ program, programAddress, site, place: at }, context) => {
    const problem = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    if (program === undefined && programAddress === undefined)
      problem('program', 'must be given, or else site and programAddress');
    if (program !== undefined && programAddress !== undefined)
      problem('programAddress', 'clashes with program: give one of them');
    if (programAddress !== undefined && site === undefined)
      problem('site', 'must be given: the program is one of a site');
    if (at === undefined && site === undefined) problem('place', 'must be given, or else a site');
  })
  .meta({
    id: 'PreviewRequest',
    description: 'Which program, where, when. What is given goes before what the site has',
    examples: [
      { program: EXAMPLE_DEFINITION, site: 'BT', from: '2026-11-24', lamps: { lampType: 'LED-57', count: 310 } },
    ],
  });

export const previewQuery = z.strictObject({ format: formatField });

const energyKwh = z
  .number()
  .meta({ description: 'Energy expected from noon to noon, standby included, kWh', examples: [0.42] });
const cost = z
  .number()
  .nullable()
  .meta({
    description: 'In `currency`; null where no tariff holds for a part of it, or several currencies do',
    examples: [0.08],
  });
const currency = z
  .string()
  .nullable()
  .meta({ description: 'ISO 4217', examples: ['EUR'] });
const energy = z
  .strictObject({
    energyKwh,
    cost,
    currency,
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
      .meta({ description: 'By tariff band' }),
  })
  .meta({ id: 'ExpectedEnergy', description: 'Energy that the lamps are expected to draw, and its cost' });

const sums = {
  burningHours,
  fullLevelHours,
  energy: energy.nullable().meta({ description: 'Null when no lamps are given' }),
  fullPower: z
    .strictObject({ burningHours, energy: energy.nullable() })
    .meta({ description: 'The same lamps at 100 % from sunset to sunrise' }),
  saving: z
    .strictObject({
      energyKwh: z
        .number()
        .nullable()
        .meta({ description: 'Null when no lamps are given', examples: [0.23] }),
      cost,
      currency,
      percent: z
        .number()
        .nullable()
        .meta({
          description:
            'Of the energy at full power, or, without lamps, of the hours at full level; null when there are none',
          examples: [35.4],
        }),
    })
    .meta({ description: 'Against full power; negative when the program burns more' }),
};

export const previewView = z
  .strictObject({
    program: z
      .strictObject({ address: z.string(), name: z.string(), version: z.int() })
      .nullable()
      .meta({ description: 'Null for a definition in the request' }),
    site: z
      .string()
      .nullable()
      .meta({ description: 'Address of the site', examples: ['BT'] }),
    place,
    minimumLevelPercent: z.number().meta({
      description: 'To which levels above 0 are raised: of the program, or of the lamp type where that wants more',
      examples: [20],
    }),
    lamps: z
      .strictObject({
        lampType: z.string().nullable(),
        ratedPowerW: z.number(),
        standbyPowerW: z.number(),
        count: z.int(),
      })
      .nullable()
      .meta({ description: 'What burns' }),
    nights: z.array(
      z
        .strictObject({ date: nightDateField, sun, switchPoints: firedPoints, segments, ...sums })
        .meta({ id: 'PreviewNight', description: 'The program in one night' }),
    ),
    totals: z.strictObject(sums).meta({ description: 'All nights together' }),
    warnings,
  })
  .meta({ id: 'Preview', description: 'What a program does in certain nights, and what that saves' });

export type PreviewRequest = z.infer<typeof previewRequest>;
export type PreviewView = z.infer<typeof previewView>;
