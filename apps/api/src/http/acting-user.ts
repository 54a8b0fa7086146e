import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { actorName, principalOf } from '../access/principal.js';

/** Who asks, as histories name them: `string | undefined` (nobody on public routes). */
export const ActingUser = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const principal = principalOf(context.switchToHttp().getRequest<Request>());
  return principal === undefined ? undefined : actorName(principal);
});
