import { z } from 'zod';
import { pageOf } from '../http/cursor.js';
import {
  addressField,
  instantField,
  latitudeField,
  longitudeField,
  numberField,
  textField,
  versionField,
} from '../http/fields.schema.js';

/** Whether `text` is a name of the IANA time zone database, in its own spelling; offsets such as +02:00 are not. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/.test(text)) return false;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    // Old names resolve to new ones; only the spelling of a name has to be right.
    return known.toLowerCase() !== text.toLowerCase() || known === text;
  } catch {
    return false;
  }
}

const fields = {
  name: textField(200, 'Name for people', 'Botoșani'),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Bucharest')
    .meta({ description: 'IANA time zone: days, months and tariffs are local to it', examples: ['Europe/Bucharest'] }),
  latitude: latitudeField(47.7487),
  longitude: longitudeField(26.6694),
  co2GPerKwh: numberField(0, 5_000, 'Emission factor of the electricity bought, gram CO₂ per kWh', 265).nullable(),
  minimumLevelPercentByRoadClass: z
    .record(
      z.string().regex(/^[^\u0000-\u001f\u007f]{1,20}$/, 'must be a lighting class of 1 to 20 characters, such as M4'),
      numberField(0, 100, 'Lowest level to which programs may dim, percent', 40),
    )
    .refine((levels) => Object.keys(levels).length <= 100, 'must name 100 lighting classes at the most')
    .meta({
      description:
        'Lowest level to which programs may dim lamps of a road, percent, by its lighting class (`roadClass` of the lamp, EN 13201). ' +
        'Lamps may still be off. Replaced as a whole',
      examples: [{ M4: 40, P4: 20 }],
    }),
};

const address = addressField('Address of the site in URLs and MQTT topics; cannot be changed', 'BT');

export const createSite = z
  .strictObject({
    address,
    ...fields,
    co2GPerKwh: fields.co2GPerKwh.default(null),
    minimumLevelPercentByRoadClass: fields.minimumLevelPercentByRoadClass.default({}),
  })
  .meta({ id: 'CreateSite', description: 'A new site' });

export const updateSite = z
  .strictObject(fields)
  .partial()
  .meta({ id: 'UpdateSite', description: 'What is given is changed', examples: [{ co2GPerKwh: 240 }] });

export const siteView = z
  .strictObject({
    address,
    ...fields,
    createdAt: instantField('When it was created'),
    updatedAt: instantField('When it was changed last'),
    version: versionField,
  })
  .meta({ id: 'Site', description: 'A city or a district that is run as one' });

export const sitePage = pageOf('SitePage', siteView);
