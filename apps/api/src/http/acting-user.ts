import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { problem, ProblemError } from './problem.js';

export const ACTING_USER_HEADER = 'x-felinar-user';
const MAX_LENGTH = 100;

/** The name in the header; undefined when there is none. Headers arrive as Latin-1, and people write UTF-8: Ștefan. */
export function parseActingUser(header: string | undefined): string | undefined {
  const user = asUtf8(header ?? '').trim();
  if (user === '') return undefined;
  if (user.length <= MAX_LENGTH && !/[\u0000-\u001f\u007f-\u009f]/.test(user)) return user;
  throw new ProblemError(
    problem(400, `The header ${ACTING_USER_HEADER} is not valid`, [
      {
        pointer: `header/${ACTING_USER_HEADER}`,
        problem: `must be a name of ${MAX_LENGTH} characters at the most, without control characters`,
      },
    ]),
  );
}

function asUtf8(latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return latin1;
  }
}

/** Who asks, as the client says it: `string | undefined`. */
export const ActingUser = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const header = context.switchToHttp().getRequest<Request>().headers[ACTING_USER_HEADER];
  return parseActingUser(Array.isArray(header) ? header[0] : header);
});

/** Describes the header of `ActingUser`. */
export function TakesActingUser(): MethodDecorator {
  return ApiHeader({
    name: ACTING_USER_HEADER,
    required: false,
    description:
      `Who asks for it, ${MAX_LENGTH} characters at the most. It is what the client says and is not proven: ` +
      'there are no accounts yet',
    example: 'Maria Ionescu',
  });
}
