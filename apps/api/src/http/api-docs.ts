/** Short forms for what every operation says about itself in the OpenAPI document. */
import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problem } from './problem.js';

const EXAMPLES: Record<number, { when: string; detail: string; errors?: { pointer: string; problem: string }[] }> = {
  400: {
    when: 'The request is malformed: the errors say where and how',
    detail: '1 thing is wrong in the request: see errors',
    errors: [{ pointer: 'query/limit', problem: 'must be a whole number from 1 to 1000' }],
  },
  401: {
    when: 'Who asks is not known',
    detail: 'The token is not known, or its time is over: refresh it, sign in again, or ask for another key',
  },
  403: {
    when: 'Whoever asks may not do this here',
    detail:
      'It takes programs.write (Change control programs, calendars and what they are assigned to) in site BT. Roles that have it: ' +
      'engineer, administrator; ask an administrator for one',
  },
  404: { when: 'What the path names does not exist', detail: 'There is no site BOTOSANI' },
  409: { when: 'It clashes with what is there', detail: 'Cabinet CAB-01 still has 42 lamps: move them first' },
  410: { when: 'It was there and is over', detail: 'This link has been used: it works once' },
  412: {
    when: 'It has changed since the ETag in If-Match was read',
    detail:
      'lamp BT-0001 in site BT is at version 4 by now: read it again, look at what changed, and repeat with its ETag',
  },
  413: {
    when: 'The body is too large',
    detail: 'The request is too large: bodies may have 1 MB, inventory files 64 MB',
  },
  422: {
    when: 'The request is well formed, but refers to something that does not exist or breaks a rule',
    detail: 'The lamp refers to something that does not exist: see errors',
    errors: [{ pointer: '/cabinet', problem: 'there is no cabinet CAB-99 in site BT: create it first' }],
  },
  428: {
    when: 'It could leave streets dark, and has to be said twice: send it again with `confirmation` in the header Felinar-Confirmation',
    detail:
      'This switches off all 2,310 lamps of site BT until 2026-11-24T23:00:00.000Z. If that is meant, send the very same request again within ' +
      'five minutes with the header Felinar-Confirmation and the value of confirmation',
  },
  429: {
    when: 'Too many requests, or too many wrong passwords: Retry-After says when to come again',
    detail: 'More than 3000 requests in a minute: try again in 12 s',
  },
  503: {
    when: 'The database does not answer, or took too long',
    detail: 'The database does not answer at the moment: try again',
  },
};

/** A problem document as a client sees it. */
export function exampleProblem(status: number, detail?: string, errors?: { pointer: string; problem: string }[]) {
  const known = EXAMPLES[status];
  return {
    ...problem(status, detail ?? known?.detail ?? '', errors ?? (detail === undefined ? known?.errors : undefined)),
    instance: '/api/v1/sites/BT',
    correlationId: '0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11',
  };
}

/** What a route refuses with a status, for the document. */
export function refusal(status: number) {
  return ApiResponse({
    status,
    description: EXAMPLES[status]?.when ?? 'Refused',
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: exampleProblem(status),
      },
    },
  });
}

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly status?: number;
  /** What the answer holds; absent for no content. */
  readonly answer?: z.ZodType;
  readonly answers?: string;
  /** A body that is no JSON, by media type. */
  readonly body?: Record<string, { schema: Record<string, unknown>; example?: string }>;
  /** An answer that is no JSON, by media type. */
  readonly content?: Record<string, { schema: { type: 'string' }; example: string }>;
  /** Where what was asked for can be read later stands in the header Location. */
  readonly location?: boolean;
  readonly refuses?: readonly number[];
  /** The answer has an ETag. */
  readonly etag?: boolean;
  /** If-Match is honoured. */
  readonly ifMatch?: boolean;
}

const etagHeader = {
  ETag: { description: 'The version, for If-Match', schema: { type: 'string' as const }, example: '"3"' },
};

const locationHeader = {
  Location: { description: 'Where to read how it goes', schema: { type: 'string' as const } },
};

export function Describe(operation: Operation): MethodDecorator {
  const {
    summary,
    description,
    status = 200,
    answer,
    content,
    refuses = [],
    etag = false,
    ifMatch = false,
  } = operation;
  const headers = { ...(etag ? etagHeader : {}), ...(operation.location === true ? locationHeader : {}) };
  const statuses = [...new Set([400, ...refuses, ...(ifMatch ? [412] : []), 503])].sort();
  return applyDecorators(
    ApiOperation({
      summary,
      ...(description === undefined ? {} : { description }),
      ...(operation.body === undefined ? {} : { requestBody: { required: true, content: operation.body } }),
    }),
    ApiResponse({
      status,
      description: operation.answers ?? (answer === undefined ? 'Done' : summary),
      ...(answer === undefined ? {} : { standardSchema: answer }),
      ...(content === undefined ? {} : { content }),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
    }),
    ...statuses.map(refusal),
    ...(ifMatch
      ? [
          ApiHeader({
            name: 'If-Match',
            required: false,
            description: 'ETag of the version to change; anything else is refused with 412',
            example: '"3"',
          }),
        ]
      : []),
  );
}
