import { HttpException } from '@nestjs/common';
import { DomainError, type DomainErrorKind } from '#libs/kernel';
import { problem, ProblemError, type Problem } from './problem.js';

const STATUS_OF: Record<DomainErrorKind, number> = {
  notFound: 404,
  conflict: 409,
  invalid: 422,
  preconditionFailed: 412,
  unavailable: 503,
};

/** What to tell the client about `error`. Whatever is not known is a 500 that says nothing of the inside. */
export function problemFromError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof DomainError) {
    return problem(
      STATUS_OF[error.kind],
      error.message,
      error.faults.map((fault) => ({ pointer: fault.at, problem: fault.problem })),
    );
  }
  if (error instanceof HttpException) return fromHttpException(error);
  return fromDatabaseError(error) ?? fromHttpError(error) ?? unexpected();
}

function unexpected(): Problem {
  return problem(500, 'The server failed. It has been logged: report it with the correlationId');
}

/** Whether Nest found no route. */
export function isNoRoute(error: unknown): boolean {
  return error instanceof HttpException && error.getStatus() === 404 && /^Cannot [A-Z]+ /.test(error.message);
}

function fromHttpException(error: HttpException): Problem {
  const status = error.getStatus();
  if (isNoRoute(error)) {
    return problem(404, `There is no route ${error.message.slice(7)}: the API is described at /docs`);
  }
  if (status === 413) return tooLarge();
  return status >= 500 ? unexpected() : problem(status, plain(error.message));
}

/** Errors of Express's middleware (http-errors): body parser, router. */
function fromHttpError(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { type, status, statusCode } = error as { type?: unknown; status?: unknown; statusCode?: unknown };
  if (type === 'entity.parse.failed') return problem(400, `The body is not valid JSON: ${plain(error.message)}`);
  if (type === 'entity.too.large') return tooLarge();
  if (error instanceof URIError) return problem(400, 'The path is not valid percent-encoded UTF-8');
  const code = typeof status === 'number' ? status : statusCode;
  return typeof code === 'number' && code >= 400 && code < 500 ? problem(code, plain(error.message)) : undefined;
}

function tooLarge(): Problem {
  return problem(413, 'The request is too large: bodies may have 1 MB, inventory files 64 MB');
}

function plain(message: string): string {
  return message.slice(0, 300);
}

/** The last line of defence: refusals of PostgreSQL that no rule before it has put better. */
function fromDatabaseError(error: unknown): Problem | undefined {
  const { code, detail } = databaseError(error);
  if (code === undefined) return undefined;
  if (code === '23505') return problem(409, `It exists already${detail}`);
  if (code === '23503') return problem(409, `Something else refers to it, or what it refers to is gone${detail}`);
  if (code.startsWith('23')) return problem(422, `A value is not possible here${detail}`);
  if (code.startsWith('22'))
    return problem(400, 'A value in the request is out of range or not possible in the database');
  if (code === '40001' || code === '40P01' || code === '55P03') {
    return problem(503, 'Somebody else was changing the same thing: try again');
  }
  if (code === '57014') return problem(503, 'The database took too long: ask for less, or try again');
  if (code.startsWith('08') || code.startsWith('53') || code.startsWith('57') || /^E[A-Z]+$/.test(code)) {
    return problem(503, 'The database does not answer at the moment: try again');
  }
  return undefined;
}

function databaseError(error: unknown): { code?: string; detail: string } {
  if (!(error instanceof Error)) return { detail: '' };
  const source = error as { code?: unknown; detail?: unknown; driverError?: { code?: unknown; detail?: unknown } };
  const code = source.driverError?.code ?? source.code;
  const detail = source.driverError?.detail ?? source.detail;
  const isSqlState = typeof code === 'string' && (/^[0-9A-Z]{5}$/.test(code) || /^(ECONN|EPIPE|ETIMEDOUT)/.test(code));
  return {
    ...(isSqlState ? { code } : {}),
    detail: typeof detail === 'string' ? `: ${detail.slice(0, 200)}` : '',
  };
}
