import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

const GIVEN = /^[\w.-]{1,128}$/;

/**
 * The id that ties a request to its log lines: the client's x-correlation-id, or a new one. The first call decides; it comes
 * back in the header of the answer.
 */
export function correlationId(request: IncomingMessage, response: ServerResponse): string {
  const holder = request as IncomingMessage & { correlationId?: string };
  if (holder.correlationId === undefined) {
    const given = request.headers['x-correlation-id'];
    holder.correlationId = typeof given === 'string' && GIVEN.test(given) ? given : randomUUID();
  }
  if (!response.headersSent) response.setHeader('x-correlation-id', holder.correlationId);
  return holder.correlationId;
}
