import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { correlationId } from '#libs/observability';
import { actAs, type Actor } from '#libs/storage';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { principalOf } from './principal.js';

/** What a request changes is done by whoever asks: the audit names them. The first of the interceptors. */
@Injectable()
export class ActorInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    if (request.method === 'GET' || request.method === 'HEAD') return next.handle();
    const actor = actorOf(request, context.switchToHttp().getResponse<Response>());
    return actAs(actor, () => next.handle());
  }
}

function actorOf(request: Request, response: Response): Actor {
  const where = { address: request.ip ?? '', correlationId: correlationId(request, response) };
  const principal = principalOf(request);
  if (principal === undefined) return { name: 'nobody', ...where };
  const { username, userId, by } = principal;
  return { name: username, userId, via: by.kind, viaId: by.id, ...where };
}
