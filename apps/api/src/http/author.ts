import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { textField } from './fields.schema.js';
import { problem, ProblemError } from './problem.js';

export const USER_HEADER = 'x-felinar-user';
const MAX_USER = 100;

/** The name in the header; null when there is none. Headers arrive as Latin-1, and people write them in UTF-8: Ștefan. */
export function parseUser(header: string | undefined): string | null {
  const user = asUtf8(header ?? '').trim();
  if (user === '') return null;
  const rule =
    user.length > MAX_USER
      ? `must be ${MAX_USER} characters at the most`
      : /[\u0000-\u001f\u007f-\u009f]/.test(user)
        ? 'must not contain control characters'
        : undefined;
  if (rule === undefined) return user;
  throw new ProblemError(
    problem(400, `The header ${USER_HEADER} is not valid`, [{ pointer: `header/${USER_HEADER}`, problem: rule }]),
  );
}

function asUtf8(latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return latin1;
  }
}

/** Who changes something, as the client says it: `string | null`. */
export const User = createParamDecorator((_: unknown, context: ExecutionContext): string | null => {
  const header = context.switchToHttp().getRequest<Request>().headers[USER_HEADER];
  return parseUser(Array.isArray(header) ? header[0] : header);
});

/** Describes the header of `User`. */
export function TakesUser(): MethodDecorator {
  return ApiHeader({
    name: USER_HEADER,
    required: false,
    description:
      `Who changes it, at most ${MAX_USER} characters; stands in the history. It is what the client says and is not proven: ` +
      'there are no accounts yet',
    example: 'Maria Ionescu',
  });
}

export const commentField = textField(
  500,
  'Why it is changed; stands in the history only',
  'Quieter nights in winter',
).optional();
