import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Observable, tap } from 'rxjs';

/** ETag for everything that has a version, Location for what was created. */
@Injectable()
export class ResourceHeadersInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      tap((body: unknown) => {
        if (typeof body !== 'object' || body === null || response.headersSent) return;
        const { version, address, code } = body as { version?: unknown; address?: unknown; code?: unknown };
        if (typeof version === 'number') response.setHeader('etag', `"${version}"`);
        const key = address ?? code;
        if (request.method === 'POST' && response.statusCode === 201 && typeof key === 'string') {
          response.setHeader('location', `${request.originalUrl.split('?', 1)[0]?.replace(/\/$/, '')}/${key}`);
        }
      }),
    );
  }
}
