import { z } from 'zod';
import { addressField, textField } from '../http/fields.schema.js';
import { RESOLUTIONS } from './fault.schema.js';

const LINK_RULE = 'must be a link that begins with http:// or https://';

/** A text of several lines. */
function longText(description: string, example: string) {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(4_000, 'must be 4000 characters at the most')
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'must not contain control characters')
    .meta({ description, examples: [example] });
}

const photo = z
  .string()
  .max(2_000, 'must be 2000 characters at the most')
  .refine(isWebLink, LINK_RULE)
  .meta({ description: 'Link to a photo', format: 'uri', examples: ['https://photos.example/4711.jpg'] });

function isWebLink(text: string): boolean {
  return /^https?:\/\/[^\s"<>\\^`{|}]+$/i.test(text) && URL.canParse(text);
}

export const assignFault = z
  .strictObject({
    crew: addressField('Address of the crew; null takes it back', 'NORTH').nullable(),
    text: textField(1_000, 'A few words for the history', 'Take the tall lift').optional(),
  })
  .meta({ id: 'AssignFault', description: 'Who is to repair it', examples: [{ crew: 'NORTH' }] });

export const commentFault = z
  .strictObject({ text: longText('What there is to say', 'Water in the luminaire'), photo: photo.optional() })
  .meta({ id: 'CommentFault', description: 'Something to remember', examples: [{ text: 'Water in the luminaire' }] });

export const resolveFault = z
  .strictObject({
    resolution: z.enum(RESOLUTIONS, `must be one of ${RESOLUTIONS.join(', ')}`).meta({
      description: 'What was done; `other` with a text',
      examples: ['driverReplaced'],
    }),
    parts: textField(500, 'Parts that were used', 'driver XITANIUM 75 W').optional(),
    text: longText('What else there is to say', 'Gasket replaced too').optional(),
  })
  .refine(({ resolution, text }) => resolution !== 'other' || text !== undefined, {
    error: 'must say what was done when the resolution is other',
    path: ['text'],
  })
  .meta({
    id: 'ResolveFault',
    description: 'What was done about it',
    examples: [{ resolution: 'driverReplaced', parts: 'driver XITANIUM 75 W' }],
  });
