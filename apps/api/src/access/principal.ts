import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '#libs/identity';
import type { Request } from 'express';
import { problem, ProblemError } from '../http/problem.js';

const PRINCIPALS = new WeakMap<Request, Principal>();

export function setPrincipal(request: Request, principal: Principal): void {
  PRINCIPALS.set(request, principal);
}

/** Who asks; undefined when nobody has said so, or what they showed holds no more. */
export function principalOf(request: Request): Principal | undefined {
  return PRINCIPALS.get(request);
}

/** The token of a request: `Authorization: Bearer …`, or `X-API-Key: …`. */
export function tokenOf(request: Request): string | undefined {
  const { authorization, 'x-api-key': key } = request.headers;
  if (authorization !== undefined) return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  return Array.isArray(key) ? key[0] : key;
}

export function unauthorized(detail: string): ProblemError {
  return new ProblemError(problem(401, detail));
}

/** Who asks, on routes that are not public. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = principalOf(context.switchToHttp().getRequest<Request>());
  if (principal === undefined) throw unauthorized('Sign in first');
  return principal;
});

/** As histories name them: the user, and the key that acted for the user. */
export function actorName({ username, by }: Principal): string {
  return by.kind === 'key' ? `${username} (key ${by.name})` : username;
}
