import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { addressKey } from '#libs/identity';
import type { Clock } from '#libs/kernel';
import { WALL_CLOCK } from '#libs/platform';
import type { Request, Response } from 'express';
import { RateBuckets } from '../access/rate-buckets.js';
import { tooManyRequests } from '../access/rate.guard.js';
import { OidcProvider } from './oidc-provider.service.js';

/** Steps of sign-ins from one address in a minute: a whole office that comes to work at eight. */
const PER_MINUTE = 90;

/** 404 where no provider is set up; otherwise so many steps in a minute. */
@Injectable()
export class OidcGuard implements CanActivate {
  private readonly buckets = new RateBuckets();

  constructor(
    private readonly provider: OidcProvider,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    void this.provider.settings;
    const request = context.switchToHttp().getRequest<Request>();
    const waitS = this.buckets.take(addressKey(request.ip ?? ''), PER_MINUTE, this.clock.nowMs());
    if (waitS === 0) return true;
    throw tooManyRequests(context.switchToHttp().getResponse<Response>(), waitS, 'Too many sign-ins from your address');
  }
}
