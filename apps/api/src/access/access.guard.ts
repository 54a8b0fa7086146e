import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { CAPABILITIES, groupsFor, knowsSite, ROLE_NAMES, roleGives, type Principal } from '#libs/identity';
import type { Request, Response } from 'express';
import { problem, ProblemError } from '../http/problem.js';
import { ACCESS, type Declared } from './access.decorator.js';
import { principalOf, tokenOf, unauthorized } from './principal.js';
import { ReachService, siteOf } from './reach.service.js';

type NeedsCapability = Extract<Declared, { kind: 'capability' }>;

/** Holds every request against what its route declares. A route that declares nothing is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly reach: ReachService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declared = this.reflector.get<Declared | undefined>(ACCESS, context.getHandler());
    if (declared?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const principal = principalOf(request);
    if (principal === undefined) throw whoAreYou(request, context.switchToHttp().getResponse<Response>());
    if (declared === undefined) throw forbidden('This route does not say who may use it: report it');
    const isTemporary = principal.by.kind === 'session' && principal.by.passwordIsTemporary;
    if (isTemporary && !(declared.kind === 'signedIn' && declared.withTemporaryPassword === true))
      throw forbidden('Your password is a temporary one: choose your own with PUT /api/v1/me/password first');
    if (declared.kind === 'signedIn') {
      if (declared.by === 'session' && principal.by.kind !== 'session')
        throw forbidden('This is not for API keys: sign in yourself');
      return true;
    }
    const { capability, reach } = declared;
    if (await this.reach.mayReach(principal, capability, reach, request)) return true;
    throw refused(principal, declared, siteOf(reach, request));
  }
}

function whoAreYou(request: Request, response: Response): ProblemError {
  response.setHeader('www-authenticate', 'Bearer realm="felinar"');
  return tokenOf(request) === undefined
    ? unauthorized('Say who you are: Authorization: Bearer and a token (POST /api/v1/sessions), or X-API-Key and a key')
    : unauthorized('The token is not known, or its time is over: refresh it, sign in again, or ask for another key');
}

/** Sites that somebody has nothing to do with do not exist for them. */
function refused(principal: Principal, { capability, reach }: NeedsCapability, site: string | undefined): ProblemError {
  if (site !== undefined && !knowsSite(principal, site))
    return new ProblemError(problem(404, `There is no site ${site.slice(0, 100)}`));
  const groups = site === undefined ? [] : groupsFor(principal, capability, site);
  const roles = ROLE_NAMES.filter((role) => roleGives(role, capability)).join(', ');
  const what = `It takes ${capability} (${CAPABILITIES[capability]})`;
  if (groups.length > 0) {
    const listed = groups.slice(0, 10).join(', ');
    const advice =
      reach === 'groupQuery' ? `name one of them with group=${groups[0]}` : 'it reaches through their lamps only';
    return forbidden(
      `${what}, which you have for ${groups.length === 1 ? 'the group' : 'the groups'} ${listed} of site ${site}: ${advice}`,
    );
  }
  const where =
    site !== undefined ? ` in site ${site}` : reach === 'anywhere' || reach === 'siteInBody' ? '' : ' in all sites';
  return forbidden(`${what}${where}. Roles that have it: ${roles}; ask an administrator for one`);
}

function forbidden(detail: string): ProblemError {
  return new ProblemError(problem(403, detail));
}
