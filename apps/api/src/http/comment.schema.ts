import { textField } from './fields.schema.js';

/** Why something is changed; stands in the history only. */
export const commentField = textField(
  500,
  'Why it is changed; stands in the history only',
  'Quieter nights in winter',
).optional();
