import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Environment } from '#libs/config';
import { addressKey } from '#libs/identity';
import type { Clock } from '#libs/kernel';
import { CONFIG, WALL_CLOCK } from '#libs/platform';
import type { Request, Response } from 'express';
import { problem, ProblemError } from '../http/problem.js';
import { ACCESS, type Declared } from './access.decorator.js';
import { principalOf } from './principal.js';
import { RateBuckets } from './rate-buckets.js';

/** Who does not say who asks may ask this part of what others may. */
const ANONYMOUS_PART = 0.1;

/** Behind IdentityGuard: people behind the one address of a town hall are told apart. Each process counts for itself. */
@Injectable()
export class RateGuard implements CanActivate {
  private readonly buckets = new RateBuckets();

  constructor(
    private readonly reflector: Reflector,
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const perMinute = this.config.FELINAR_HTTP_REQUESTS_PER_MINUTE;
    const declared = this.reflector.get<Declared | undefined>(ACCESS, context.getHandler());
    if (perMinute === 0 || (declared?.kind === 'public' && declared.isUnlimited === true)) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const principal = principalOf(request);
    const [asker, limit] =
      principal === undefined
        ? [`address ${addressKey(request.ip ?? '')}`, Math.ceil(perMinute * ANONYMOUS_PART)]
        : [`${principal.by.kind} ${principal.by.id}`, perMinute];
    const waitS = this.buckets.take(asker, limit, this.clock.nowMs());
    if (waitS === 0) return true;
    throw tooManyRequests(context.switchToHttp().getResponse(), waitS, `More than ${limit} requests in a minute`);
  }
}

/** 429, and when to come again. */
export function tooManyRequests(response: Response, waitS: number, what: string): ProblemError {
  const seconds = Math.max(1, Math.ceil(waitS));
  response.setHeader('retry-after', String(seconds));
  return new ProblemError(problem(429, `${what}: try again in ${seconds} s`));
}
