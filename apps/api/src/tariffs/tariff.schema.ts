import { z } from 'zod';
import { pageOf } from '../http/cursor.js';
import { localDateField, numberField, textField, versionField } from '../http/fields.schema.js';

const TIME_RULE = 'must be a time of day as HH:MM';
const from = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, TIME_RULE)
  .meta({ description: 'Local time at which it begins', examples: ['22:00'] });
const to = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, `${TIME_RULE}, or 24:00`)
  .meta({
    description: 'Local time at which it ends; before `from` when the band spans midnight',
    examples: ['06:00'],
  });

const band = z
  .strictObject({
    name: textField(100, 'Name of the band', 'night'),
    weekdays: z
      .array(z.int('must be 1 (Monday) to 7 (Sunday)').min(1).max(7))
      .min(1, 'must name at least one day')
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'must not name a day twice')
      .meta({ description: 'Days on which it begins, Monday 1 to Sunday 7', examples: [[1, 2, 3, 4, 5, 6, 7]] }),
    from,
    to,
    pricePerKwh: numberField(-1_000_000, 1_000_000, 'Price per kWh; may be negative', 0.11),
  })
  .meta({ id: 'TariffBand', description: 'A price for certain hours. The first band that fits wins' });

const fields = {
  name: textField(200, 'Name for people', 'Electrica Furnizare 2026'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR')
    .meta({ description: 'ISO 4217', examples: ['EUR'] }),
  basePricePerKwh: numberField(-1_000_000, 1_000_000, 'Price per kWh outside all bands', 0.18),
  bands: z.array(band).max(100).meta({ description: 'Prices for certain hours; the first that fits wins' }),
};

export const putTariff = z
  .strictObject({ ...fields, name: fields.name.optional(), bands: fields.bands.default([]) })
  .meta({ id: 'PutTariff', description: 'What the site pays from the day on, until the next tariff begins' });

export const tariffView = z
  .strictObject({ validFrom: localDateField, ...fields, version: versionField })
  .meta({ id: 'Tariff', description: 'What a site pays for its electricity from a local day on' });

export const tariffPage = pageOf('TariffPage', tariffView);
