import { z } from 'zod';
import { limitField, numberCursor } from '../http/cursor.js';
import { instantField, textField } from '../http/fields.schema.js';

export const rejectedMessageQuery = z.strictObject({
  cursor: numberCursor,
  limit: limitField,
  reason: textField(100, 'Samples with this reason only', 'malformedJson').optional(),
});

const rejectedMessage = z
  .strictObject({
    id: z.number().meta({ examples: [17] }),
    time: instantField('When it arrived'),
    reason: z.string().meta({ description: 'Why it was rejected', examples: ['malformedJson'] }),
    detail: z.string().meta({ description: 'The same in words', examples: ['Unexpected token < at position 0'] }),
    topic: z.string().meta({ examples: ['felinar/v1/BT/GW-01/telemetry'] }),
    payload: z
      .string()
      .meta({ description: 'The payload, or its beginning; as `payloadEncoding` says', examples: ['<html>'] }),
    payloadEncoding: z
      .enum(['utf-8', 'base64'])
      .meta({ description: 'base64 when the payload is not text', examples: ['utf-8'] }),
    payloadBytes: z.int().meta({ description: 'Length of the whole payload', examples: [6] }),
  })
  .meta({ id: 'RejectedMessage', description: 'A sample of what ingest could not use' });

export const rejectedMessagesView = z
  .strictObject({
    counts: z
      .array(
        z.strictObject({
          reason: z.string(),
          total: z.number().meta({ description: 'Since counting began' }),
          lastDays: z
            .array(z.strictObject({ day: z.string(), count: z.number() }))
            .meta({ description: 'The last 14 days (UTC)' }),
        }),
      )
      .meta({
        description: 'By reason, the most frequent first',
        examples: [[{ reason: 'malformedJson', total: 12, lastDays: [{ day: '2026-11-24', count: 2 }] }]],
      }),
    items: z.array(rejectedMessage).meta({ description: 'Samples, the newest first' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` for older ones; null at the end', examples: ['WzE3XQ'] }),
  })
  .meta({ id: 'RejectedMessages', description: 'Messages that ingest could not use' });
