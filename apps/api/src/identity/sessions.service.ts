import { Inject, Injectable } from '@nestjs/common';
import {
  addressKey,
  hashPassword,
  isOutdated,
  knownSites,
  passwordProblem,
  verifyPassword,
  type Principal,
} from '#libs/identity';
import type { Environment } from '#libs/config';
import { DomainError, type Clock } from '#libs/kernel';
import { CONFIG, POOL, WALL_CLOCK } from '#libs/platform';
import {
  becomeActor,
  beginSession,
  countSignInTry,
  endSession,
  findPassword,
  forgetSignInTries,
  inTransaction,
  pruneSessions,
  refreshSession,
  rehashPassword,
  setPassword,
  type FoundPassword,
  type Pool,
  type SessionTokens,
} from '#libs/storage';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { unauthorized } from '../access/principal.js';
import { tooManyRequests } from '../access/rate.guard.js';
import { problem, ProblemError } from '../http/problem.js';
import type { changePassword, meView, signIn } from './session.schema.js';

/** Where a request came from, and where its answer goes. */
export interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

/** People sign in, stay so, and leave. */
@Injectable()
export class SessionsService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Environment,
  ) {}

  async signIn({ username, password }: z.infer<typeof signIn>, { request, response }: Exchange) {
    const tried = { username, address: addressKey(request.ip ?? '') };
    const found = await this.provePassword(tried, password, response);
    if (found === undefined) throw unauthorized('The user name or the password is wrong');
    this.requirePasswordWay(found);
    const nowMs = this.clock.nowMs();
    becomeActor({ name: username, userId: found.userId });
    const tokens = await inTransaction(this.pool, async (client) => {
      await pruneSessions(client, nowMs);
      return beginSession(client, found, tried.address, nowMs);
    });
    if (tokens === undefined) throw unauthorized('The user name or the password is wrong');
    if (isOutdated(found.hash)) await rehashPassword(this.pool, found.userId, found.hash, await hashPassword(password));
    return { ...toTokens(tokens), passwordIsTemporary: found.isTemporary };
  }

  async refresh(refreshToken: string) {
    const tokens = await refreshSession(this.pool, refreshToken, this.clock.nowMs());
    if (typeof tokens === 'object') return toTokens(tokens);
    throw unauthorized(
      tokens === 'reused'
        ? 'The refresh token was used before. Somebody else may have it: the session has been ended. Sign in again'
        : 'The refresh token is not known, or its session has ended: sign in again',
    );
  }

  async end({ by }: Principal): Promise<void> {
    if (by.kind !== 'session') throw new DomainError('conflict', 'An API key has no session: revoke the key instead');
    await endSession(this.pool, by.id, 'signedOut', this.clock.nowMs());
  }

  me(principal: Principal): z.infer<typeof meView> {
    const { username, name, by } = principal;
    const sites = knownSites(principal);
    return {
      ...{ username, name, by: by.kind },
      key: by.kind === 'key' ? by.name : null,
      passwordIsTemporary: by.kind === 'session' && by.passwordIsTemporary,
      grants: principal.grants.map((grant) => ({ ...grant })),
      keyGrants: by.kind === 'key' ? by.grants.map((grant) => ({ ...grant })) : null,
      sites: sites === 'all' ? null : [...sites],
    };
  }

  /** All other sessions of the user end with it. */
  async changePassword(
    { userId, username, by }: Principal,
    { currentPassword, newPassword }: z.infer<typeof changePassword>,
    { request, response }: Exchange,
  ): Promise<void> {
    const tried = { username, address: addressKey(request.ip ?? '') };
    const found = await this.provePassword(tried, currentPassword, response);
    if (found === undefined) {
      throw new DomainError('invalid', 'The password was not changed', [
        { at: '/currentPassword', problem: 'is not your password' },
      ]);
    }
    const problem = newPassword === currentPassword ? 'must be another one' : passwordProblem(newPassword, username);
    if (problem !== undefined)
      throw new DomainError('invalid', 'The password was not changed', [{ at: '/newPassword', problem }]);
    const hash = await hashPassword(newPassword);
    await inTransaction(this.pool, async (client) => {
      await setPassword(client, userId, { hash, isTemporary: false }, this.clock.nowMs(), by.id);
    });
  }

  /** Only after the password has proven right: nobody else learns how somebody signs in. */
  private requirePasswordWay({ providerIssuer, isAdministrator }: FoundPassword): void {
    const { FELINAR_OIDC_ISSUER: issuer, FELINAR_OIDC_LABEL: label, FELINAR_PASSWORD_SIGN_IN: who } = this.config;
    if (issuer === undefined) return;
    const elsewhere = `sign in with ${label} (GET /api/v1/sessions/oidc)`;
    if (providerIssuer === issuer)
      throw new ProblemError(problem(403, `You are bound to an account at the provider: ${elsewhere}`));
    if (who === 'administrators' && !isAdministrator)
      throw new ProblemError(problem(403, `Passwords are for administrators of all sites here: ${elsewhere}`));
  }

  /** Every try counts as failed until it has proven right. */
  private async provePassword(tried: { username: string; address: string }, password: string, response: Response) {
    const waitMs = await countSignInTry(this.pool, tried, this.clock.nowMs());
    if (waitMs > 0) throw tooManyRequests(response, waitMs / 1000, 'Too many passwords were wrong');
    const found = await findPassword(this.pool, tried.username);
    if (!(await verifyPassword(password, found?.hash))) return undefined;
    await forgetSignInTries(this.pool, tried);
    return found;
  }
}

/** As a client gets them. */
export function toTokens({ accessExpiresAt, refreshExpiresAt, ...tokens }: SessionTokens) {
  return {
    ...tokens,
    accessExpiresAt: accessExpiresAt.toISOString(),
    refreshExpiresAt: refreshExpiresAt.toISOString(),
  };
}
