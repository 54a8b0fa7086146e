import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { ExpectedVersion } from '#libs/storage';
import { problem, ProblemError } from './problem.js';

/** The versions that an If-Match header names; undefined when any will do. */
export function parseIfMatch(header: string | undefined): ExpectedVersion {
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = header.split(',').map((tag) => tag.trim());
  if (tags.length > 20 || !tags.every((tag) => /^(W\/)?"[^"]*"$/.test(tag))) {
    throw new ProblemError(
      problem(400, 'The header If-Match is not valid', [
        {
          pointer: 'header/If-Match',
          problem: 'must be the ETag of the resource as it was given, quotes included, such as "3"',
        },
      ]),
    );
  }
  // If-Match compares strongly: a weak tag never matches.
  return tags.map((tag) => (/^"\d{1,9}"$/.test(tag) ? Number(tag.slice(1, -1)) : -1));
}

/** The versions that the client is ready to change. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): ExpectedVersion =>
  parseIfMatch(context.switchToHttp().getRequest<Request>().headers['if-match']),
);
