import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { correlationId, loggedUrl } from '#libs/observability';
import { problemFromError } from './problem-from-error.js';

/** Answers every failure with a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
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
