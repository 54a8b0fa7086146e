import { createHash } from 'node:crypto';
import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { principalOf } from '../access/principal.js';
import { refusal } from '../http/api-docs.js';
import type { Confirmable } from '#libs/storage';

export const CONFIRMATION_HEADER = 'felinar-confirmation';

/** This request of this asker, and the token by which it is said for the second time. */
export interface AskedTwice extends Confirmable {
  readonly token: string | undefined;
}

/** Describes the header and the refusal of routes that may want to be told twice. */
export function MayWantConfirmation(): MethodDecorator {
  return applyDecorators(
    refusal(428),
    ApiHeader({
      name: 'Felinar-Confirmation',
      required: false,
      description: '`confirmation` of the answer 428 to the very same request: it holds once, for five minutes',
      example: 'felc_Yl7m3tqQ0eQyq3O8m0cJbq8y0mY7m2mXG0kV2xq9b1A',
    }),
  );
}

/** What a confirmation is bound to: who asks, and the method, path, query and body of the request. */
export const Confirmation = createParamDecorator((_: unknown, context: ExecutionContext): AskedTwice => {
  const request = context.switchToHttp().getRequest<Request>();
  const principal = principalOf(request);
  const { [CONFIRMATION_HEADER]: header } = request.headers;
  const asked = JSON.stringify([request.method, request.originalUrl, request.body ?? null]);
  return {
    asker:
      principal === undefined
        ? ''
        : [principal.userId, ...(principal.by.kind === 'key' ? [principal.by.id] : [])].join(' '),
    requestHash: createHash('sha256').update(asked).digest(),
    token: Array.isArray(header) ? header[0] : header,
  };
});
