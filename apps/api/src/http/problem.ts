/** RFC 9457 problem documents: the one form in which the API refuses. */
import { z } from 'zod';

export const problemError = z
  .strictObject({
    pointer: z.string().meta({
      description:
        'JSON Pointer into the body (`/latitude`), or the name of a query, path or header parameter (`query/limit`)',
      examples: ['/latitude'],
    }),
    problem: z.string().meta({ description: 'What is wrong and what to do', examples: ['must be 90 or less'] }),
  })
  .meta({ id: 'ProblemError', description: 'One thing that is wrong in the request' });

export const problemSchema = z
  .looseObject({
    type: z
      .string()
      .meta({ description: 'The kind of problem; stable', examples: ['urn:felinar:problem:invalid-request'] }),
    title: z.string().meta({ description: 'The kind of problem in words', examples: ['The request is not valid'] }),
    status: z.int().meta({ examples: [400] }),
    detail: z
      .string()
      .meta({ description: 'What happened and what to do', examples: ['1 thing is wrong in the request: see errors'] }),
    instance: z.string().meta({ description: 'The path that was asked for', examples: ['/api/v1/sites'] }),
    correlationId: z.string().meta({
      description: 'Stands in the log of the server; also in the header x-correlation-id',
      examples: ['0d0e6c5c-3b1f-4a55-9d5e-0b7c7c4f2a11'],
    }),
    errors: z.array(problemError).optional(),
  })
  .meta({ id: 'Problem', description: 'Why the request was refused (RFC 9457)' });

/** What a failure tells the client; the filter adds the path and the correlation id. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly problem: string }[];
  /** Further members of the document. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

const KINDS = {
  400: ['invalid-request', 'The request is not valid'],
  401: ['unauthorized', 'Who you are is not known'],
  403: ['forbidden', 'This is not allowed'],
  404: ['not-found', 'There is no such thing'],
  405: ['method-not-allowed', 'The method is not allowed here'],
  406: ['not-acceptable', 'The answer cannot be given in that form'],
  409: ['conflict', 'This clashes with what is there'],
  410: ['gone', 'This is over'],
  412: ['stale-version', 'It has changed in the meantime'],
  413: ['too-large', 'The request is too large'],
  415: ['unsupported-media-type', 'The content type is not supported'],
  422: ['unprocessable', 'The request is well formed but cannot be carried out'],
  428: ['confirmation-needed', 'This has to be confirmed'],
  429: ['too-many-requests', 'Too many requests'],
  500: ['internal', 'Something went wrong inside the server'],
  503: ['unavailable', 'The server cannot answer at the moment'],
} as const satisfies Record<number, readonly [string, string]>;

export type ProblemStatus = keyof typeof KINDS;

/** A problem of a status that is in the table; others become 400 or 500. */
export function problem(status: number, detail: string, errors?: Problem['errors']): Problem {
  const known = status in KINDS ? (status as ProblemStatus) : status >= 500 ? 500 : 400;
  const [type, title] = KINDS[known];
  return {
    type: `urn:felinar:problem:${type}`,
    title,
    status: known === 400 && status >= 400 && status < 500 ? status : known,
    detail,
    ...(errors === undefined || errors.length === 0 ? {} : { errors }),
  };
}

/** Thrown where a problem document is known in full. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}
