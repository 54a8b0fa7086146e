import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { problem, ProblemError } from './problem.js';

/** The key in the header; undefined when there is none. */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || /^[\x20-\x7e]{1,200}$/.test(header)) return header;
  throw new ProblemError(
    problem(400, 'The header Idempotency-Key is not valid', [
      { pointer: 'header/Idempotency-Key', problem: 'must be 1 to 200 printable ASCII characters, such as a UUID' },
    ]),
  );
}

/** The name that the client gave to its request: `string | undefined`. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const header = context.switchToHttp().getRequest<Request>().headers['idempotency-key'];
  return parseIdempotencyKey(Array.isArray(header) ? header[0] : header);
});

/** Describes the header of `IdempotencyKey`. */
export function TakesIdempotencyKey(): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Your own name for this request, new for each: 1 to 200 printable ASCII characters, such as a UUID. When the answer got ' +
      'lost, send the same request with the same key again, and it is carried out once. Remembered for 48 hours; another request ' +
      'with the key is refused with 409',
    example: '6f1c8c2e-7d8b-4a0e-9a53-2f0d7a1b9c44',
  });
}
