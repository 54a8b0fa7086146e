import { Inject, Injectable } from '@nestjs/common';
import { groupsFor, mayDo, type Capability, type Place, type Principal } from '#libs/identity';
import type { Clock } from '#libs/kernel';
import { POOL, WALL_CLOCK } from '#libs/platform';
import {
  areInGroups,
  findPrincipalAgain,
  groupsOfLamp,
  isFaultInGroups,
  isOverrideInGroups,
  overrideOfBatch,
  type Pool,
} from '#libs/storage';
import type { Request } from 'express';
import { isId } from '../http/uuid-path.js';
import type { Reach } from './access.decorator.js';

/** Addresses in one body that are looked at. */
const MAX_LAMPS = 10_000;

/** Whether somebody reaches what a request is about. */
@Injectable()
export class ReachService {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(WALL_CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether whoever asked may still do it: for answers that go on for long. */
  async mayStillReach(asker: Principal, capability: Capability, reach: Reach, request: Request): Promise<boolean> {
    const principal = await findPrincipalAgain(this.pool, asker.by, this.clock.nowMs());
    return principal !== undefined && this.mayReach(principal, capability, reach, request);
  }

  async mayReach(principal: Principal, capability: Capability, reach: Reach, request: Request): Promise<boolean> {
    const site = siteOf(reach, request);
    if (mayDo(principal, capability, placeOf(reach, site))) return true;
    if (site === undefined) return false;
    const groups = groupsFor(principal, capability, site);
    return groups.length > 0 && (await this.reachesThrough(reach, request, site, groups));
  }

  /** Through the groups: every lamp that is meant is in one of them. */
  private async reachesThrough(
    reach: Reach,
    request: Request,
    site: string,
    groups: readonly string[],
  ): Promise<boolean> {
    switch (reach) {
      case 'group':
        return groups.includes(text(request.params['group']));
      case 'groupQuery':
        return groups.includes(text(request.query['group']));
      case 'lamp':
        return (await groupsOfLamp(this.pool, site, text(request.params['lamp']))).some((group) =>
          groups.includes(group),
        );
      case 'fault': {
        const fault = text(request.params['fault']);
        return /^\d{1,18}$/.test(fault) && isFaultInGroups(this.pool, site, fault, groups);
      }
      case 'override':
        return this.reachesOverride(text(request.params['override']), site, groups);
      case 'batch': {
        const batch = text(request.params['batch']).toLowerCase();
        const override = isId(batch) ? await overrideOfBatch(this.pool, site, batch) : undefined;
        return override !== undefined && this.reachesOverride(override, site, groups);
      }
      case 'overrideTarget':
        return this.reachesTarget((request.body as { target?: unknown } | undefined)?.target, site, groups);
      default:
        return false;
    }
  }

  private async reachesOverride(override: string, site: string, groups: readonly string[]): Promise<boolean> {
    const id = override.toLowerCase();
    return isId(id) && isOverrideInGroups(this.pool, site, id, groups);
  }

  private async reachesTarget(target: unknown, site: string, groups: readonly string[]): Promise<boolean> {
    const { kind, address, addresses } = (target ?? {}) as { kind?: unknown; address?: unknown; addresses?: unknown };
    if (kind === 'group') return groups.includes(text(address));
    if (kind !== 'lamps' || !Array.isArray(addresses) || addresses.length === 0 || addresses.length > MAX_LAMPS)
      return false;
    return addresses.every((each) => typeof each === 'string') && areInGroups(this.pool, site, addresses, groups);
  }
}

/** The site that a request is about; undefined when it names none. */
export function siteOf(reach: Reach, request: Request): string | undefined {
  const named =
    reach === 'siteInBody'
      ? (request.body as { site?: unknown } | undefined)?.site
      : reach === 'siteInQuery'
        ? request.query['site']
        : request.params['site'];
  return typeof named === 'string' ? named : undefined;
}

function placeOf(reach: Reach, site: string | undefined): Place {
  if (reach === 'anywhere' || (reach === 'siteInBody' && site === undefined)) return { kind: 'anywhere' };
  if (reach === 'everywhere' || site === undefined) return { kind: 'everywhere' };
  return { kind: reach === 'inSite' ? 'inSite' : 'site', site };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
