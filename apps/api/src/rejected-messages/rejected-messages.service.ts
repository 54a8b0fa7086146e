import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { RejectedMessageRepository, type RejectedMessage } from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import type { rejectedMessageQuery, rejectedMessagesView } from './rejected-message.schema.js';

const DAYS = 14;

@Injectable()
export class RejectedMessagesService {
  constructor(
    private readonly messages: RejectedMessageRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list({
    cursor,
    limit,
    reason,
  }: z.infer<typeof rejectedMessageQuery>): Promise<z.infer<typeof rejectedMessagesView>> {
    const since = new Date(this.clock.nowMs() - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
    const [counts, rows] = await Promise.all([
      this.messages.counts(since),
      this.messages.samples(reason, cursor, limit + 1),
    ]);
    const { items, nextCursor } = toPage(rows, limit, (row) => row.id, toView);
    return {
      counts: counts.map((count) => ({ ...count, lastDays: count.lastDays.map((day) => ({ ...day })) })),
      items: [...items],
      nextCursor,
    };
  }
}

function toView(row: RejectedMessage) {
  return { ...row, time: row.time.toISOString(), ...asText(row.payload) };
}

/** Text where it is text that a person can read, else base64. */
export function asText(payload: Uint8Array): { payload: string; payloadEncoding: 'utf-8' | 'base64' } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);

    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text))
      return { payload: text, payloadEncoding: 'utf-8' };
  } catch {
    // Not UTF-8, or cut within a character.
  }
  return { payload: Buffer.from(payload).toString('base64'), payloadEncoding: 'base64' };
}
