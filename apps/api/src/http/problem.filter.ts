import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { correlationId, loggedUrl } from '#libs/observability';
import { isNoRoute, problemFromError } from './problem-from-error.js';
import { problem, ProblemError } from './problem.js';

/** Answers every failure with a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  /** `methodsOf`: the methods that a path has. */
  constructor(private readonly methodsOf: (path: string) => readonly string[]) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    // Not request.path: what finds no route is mounted below the prefix.
    const path = request.originalUrl.split('?', 1)[0] ?? '';
    const methods = isNoRoute(error) ? this.methodsOf(path) : [];
    if (methods.length === 0) return this.answer(error, request, response);
    response.setHeader('allow', methods.join(', '));
    const detail = `${request.method} is not possible at this path, only ${methods.join(', ')}: the API is described at /docs`;
    this.answer(new ProblemError(problem(405, detail)), request, response);
  }

  /** Tells the client what is wrong, outside of Nest's routes too. */
  answer(error: unknown, request: Request, response: Response): void {
    const id = correlationId(request, response);
    const { extensions, errors, ...found } = problemFromError(error);
    if (found.status >= 500) {
      this.logger.error(
        { err: error, correlationId: id, method: request.method, path: loggedUrl(request.path) },
        found.detail,
      );
    }
    if (response.headersSent) {
      // A streamed answer broke off: an incomplete transfer is the only way left to say so.
      response.destroy();
      return;
    }
    response.status(found.status).removeHeader('etag');
    if (found.status === 503) response.setHeader('retry-after', '5');
    response.type('application/problem+json').send(
      JSON.stringify({
        ...found,
        instance: request.originalUrl.split('?', 1)[0]?.slice(0, 500),
        correlationId: id,
        ...(errors === undefined ? {} : { errors }),
        ...extensions,
      }),
    );
  }
}
