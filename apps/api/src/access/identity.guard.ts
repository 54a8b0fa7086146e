import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { POOL, WALL_CLOCK } from '#libs/platform';
import { findPrincipal, type Pool } from '#libs/storage';
import type { Request } from 'express';
import { setPrincipal, tokenOf } from './principal.js';

/** Finds out who asks. Refuses nobody: what the route needs is decided afterwards. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const token = tokenOf(request);
    if (token === undefined) return true;
    const principal = await findPrincipal(this.pool, token, this.clock.nowMs());
    if (principal !== undefined) setPrincipal(request, principal);
    return true;
  }
}
