import { z } from 'zod';
import type { LampFilter } from '#libs/storage';
import { addressField, textField } from '../http/fields.schema.js';

const BOX_RULE = 'must be minLon,minLat,maxLon,maxLat in degrees, such as 26.6,47.7,26.7,47.8';

const box = z
  .string()
  .max(200, BOX_RULE)
  .transform((text, context): NonNullable<LampFilter['box']> => {
    const parts = text.split(',');
    const [minLongitude, minLatitude, maxLongitude, maxLatitude] = parts.map((part) =>
      /^-?\d{1,3}(\.\d{1,15})?$/.test(part) ? Number(part) : NaN,
    ) as [number, number, number, number];
    const valid =
      parts.length === 4 &&
      [minLongitude, maxLongitude].every((value) => Math.abs(value) <= 180) &&
      [minLatitude, maxLatitude].every((value) => Math.abs(value) <= 90) &&
      minLatitude <= maxLatitude;
    if (!valid) {
      context.addIssue({ code: 'custom', message: BOX_RULE });
      return z.NEVER;
    }
    return { minLongitude, minLatitude, maxLongitude, maxLatitude };
  });

/** Query parameters that say which lamps are meant. */
export const lampFilterFields = {
  cabinet: addressField('Lamps fed by this cabinet', 'CAB-01').optional(),
  group: addressField('Lamps in this group', 'CENTRE').optional(),
  lampType: addressField('Lamps of this type', 'LED-57').optional(),
  device: addressField('Lamps that this device speaks for', 'GW-01').optional(),
  street: textField(200, 'Lamps whose street contains this, in any case of letters', 'unirii').optional(),
  roadClass: textField(16, 'Lamps on roads of this lighting class', 'M4').optional(),
  bbox: box.optional().meta({
    description:
      'Lamps within minLon,minLat,maxLon,maxLat (degrees). A box over the 180th meridian has minLon > maxLon',
    jsonSchema: { type: 'string', example: '26.6,47.7,26.7,47.8' },
  }),
};

const _filterQuery = z.strictObject(lampFilterFields);

/** The filter that the parameters mean. */
export function toLampFilter({ bbox, ...filter }: z.infer<typeof _filterQuery>): LampFilter {
  return { ...filter, box: bbox };
}
