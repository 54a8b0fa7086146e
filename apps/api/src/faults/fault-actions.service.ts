import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import {
  acknowledgeFault,
  assignFault,
  commentFault,
  findFaultCrew,
  inTransaction,
  lockFault,
  resolveFault,
  type ExpectedVersion,
  type FaultAct,
  type FaultCrew,
  type FaultWork,
  type Pool,
  type PoolClient,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import { SitesService } from '../sites/sites.service.js';
import type * as bodies from './fault-action.schema.js';
import { faultIdOf, toFaultView, type FaultView } from './fault-view.js';
import { FaultsService } from './faults.service.js';

type Body<K extends keyof typeof bodies> = z.infer<(typeof bodies)[K]>;

/** Which fault is meant, in which version, and who asks. */
export interface AskedFault {
  readonly site: string;
  readonly fault: string;
  readonly expected: ExpectedVersion;
  readonly by: string | undefined;
}

interface Step {
  readonly client: PoolClient;
  readonly site: Site;
  readonly fault: FaultWork;
  readonly act: FaultAct;
}

/** What people do about faults: each with its line in the history, in one transaction. None of it moves the phase. */
@Injectable()
export class FaultActionsService {
  constructor(
    private readonly sites: SitesService,
    private readonly faults: FaultsService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  acknowledge(asked: AskedFault): Promise<FaultView> {
    return this.run(asked, async ({ client, fault, act }) => {
      refuseUnlessFound(fault, 'acknowledge');
      const { acknowledgedAt, acknowledgedBy } = fault;
      if (acknowledgedAt === null) return acknowledgeFault(client, fault.id, act);
      // The answer got lost, and the same one asks again.
      if (acknowledgedBy === (act.by ?? null)) return;
      const who = acknowledgedBy === null ? '' : ` by ${acknowledgedBy}`;
      throw new DomainError(
        'conflict',
        `The fault was acknowledged at ${acknowledgedAt.toISOString()} already${who}: add a comment instead`,
      );
    });
  }

  assign(asked: AskedFault, { crew: address, text }: Body<'assignFault'>): Promise<FaultView> {
    return this.run(asked, async ({ client, site, fault, act }) => {
      refuseUnlessFound(fault, 'assign');
      const crew = address === null ? null : await crewOf(client, site, address);
      if (fault.crewId !== (crew?.id ?? null)) await assignFault(client, fault.id, crew, act, text);
    });
  }

  comment(asked: AskedFault, { text, photo }: Body<'commentFault'>): Promise<FaultView> {
    return this.run(asked, ({ client, fault, act }) => commentFault(client, fault.id, act, text, photo));
  }

  resolve(asked: AskedFault, { resolution, parts, text }: Body<'resolveFault'>): Promise<FaultView> {
    return this.run(asked, ({ client, fault, act }) => {
      refuseUnlessFound(fault, 'resolve');
      const words = [resolution, parts === undefined ? undefined : `parts: ${parts}`, text];
      const noted = words.filter((word) => word !== undefined).join('; ');
      return resolveFault(client, fault.id, { resolution, parts: parts ?? null, text: noted }, act);
    });
  }

  private async run(asked: AskedFault, work: (step: Step) => Promise<void>): Promise<FaultView> {
    const site = await this.sites.find(asked.site);
    const id = faultIdOf(asked.fault);
    return inTransaction(this.pool, async (client) => {
      const fault = await lockFault(client, site, id, asked.expected);
      await work({ client, site, fault, act: { nowMs: this.clock.nowMs(), by: asked.by } });
      return toFaultView(await this.faults.find(site, id, client));
    });
  }
}

function refuseUnlessFound({ phase, closedAt }: FaultWork, verb: string): void {
  if (phase === 'closed') {
    const when = closedAt === null ? '' : ` at ${closedAt.toISOString()}`;
    throw new DomainError(
      'conflict',
      `The fault was closed${when}: there is nothing to ${verb}. Comments can still be added; if it is there again, look for the new one`,
    );
  }
  if (phase === 'suspected') {
    throw new DomainError(
      'conflict',
      `The fault is only suspected and may be gone in a moment: ${verb} it when it has opened`,
    );
  }
}

async function crewOf(client: PoolClient, site: Site, address: string): Promise<FaultCrew> {
  const crew = await findFaultCrew(client, site.id, address);
  if (crew !== undefined) return crew;
  throw new DomainError('invalid', 'The crew does not exist', [
    { at: '/crew', problem: `there is no crew ${address} in site ${site.address}: create it first` },
  ]);
}
