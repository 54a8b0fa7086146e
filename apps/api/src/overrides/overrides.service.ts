import { Inject, Injectable } from '@nestjs/common';
import { planOverride } from '#libs/commands';
import { DomainError, type Clock } from '#libs/kernel';
import { CLOCK, POOL } from '#libs/platform';
import {
  countLamps,
  countLampsInForce,
  findOverride,
  insertOverride,
  listOverrides,
  releaseOverride,
  type OverrideData,
  type OverrideRow,
  type Pool,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import type { AskedTwice } from '../confirmation/confirmation.js';
import { ConfirmationsService } from '../confirmation/confirmations.service.js';
import { toPage } from '../http/cursor.js';
import { idOf } from '../http/uuid-path.js';
import { SitesService } from '../sites/sites.service.js';
import { CommandTransactions, type CommandRequest, type CommandStep } from './command-transactions.js';
import { overrideState, toOverrideView, type OverrideView } from './override-view.js';
import type { createOverride, overrideQuery } from './override.schema.js';

type Asked = Pick<CommandRequest, 'idempotencyKey' | 'by'>;
type CreateOverride = z.infer<typeof createOverride>;

@Injectable()
export class OverridesService {
  constructor(
    private readonly sites: SitesService,
    private readonly transactions: CommandTransactions,
    private readonly confirmations: ConfirmationsService,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(siteAddress: string, { cursor, limit, active }: z.infer<typeof overrideQuery>) {
    const site = await this.sites.find(siteAddress);
    const nowMs = this.clock.nowMs();
    const rows = await listOverrides(this.pool, site.id, {
      active: active === undefined ? undefined : { is: active, atMs: nowMs },
      before: cursor,
      take: limit + 1,
    });
    const inForce = await this.lampsInForce(this.pool, site, rows, nowMs);
    return toPage(
      rows,
      limit,
      (row) => Number(row.serial),
      (row) => toOverrideView(site.address, row, inForce.get(row.id) ?? 0, nowMs),
    );
  }

  async get(siteAddress: string, override: string): Promise<OverrideView> {
    const site = await this.sites.find(siteAddress);
    return this.view(this.pool, site, idOf('override', override), this.clock.nowMs());
  }

  /** What would leave a site dark has to be confirmed; a repeated request that was carried out has not. */
  async create(
    siteAddress: string,
    body: CreateOverride,
    asked: Asked,
    confirmation: AskedTwice,
  ): Promise<OverrideView> {
    const site = await this.sites.find(siteAddress);
    return this.confirmations.heeding(confirmation, (confirm) =>
      this.transactions.run(site, { operation: 'createOverride', body, ...asked }, async (step) => {
        const id = await insertOverride(step.client, site, toData(body, step.nowMs), step.nowMs, asked.by);
        await step.plan();
        const view = await this.view(step.client, site, id, step.nowMs);
        if (view.lampCount === 0) throw noLamps(body);
        const lamps = await countLamps(step.client, site.id);
        if (!darkensSite(body, view.lampCount, lamps)) return view;
        const which = view.lampCount === lamps ? `all ${lamps}` : `${view.lampCount} of ${lamps}`;
        await confirm(step.client, `This switches off ${which} lamps of site ${site.address} until ${view.expiresAt}`);
        return view;
      }),
    );
  }

  async release(siteAddress: string, override: string, asked: Asked): Promise<OverrideView> {
    const site = await this.sites.find(siteAddress);
    const id = idOf('override', override);
    return this.transactions.run(site, { operation: `releaseOverride ${id}`, ...asked }, async (step) => {
      await this.releaseIn(step, site, id, asked.by);
      await step.plan();
      return this.view(step.client, site, id, step.nowMs);
    });
  }

  private async releaseIn({ client, nowMs }: CommandStep, site: Site, id: string, by: string | undefined) {
    const row = await this.find(client, site, id);
    if (await releaseOverride(client, site.id, id, nowMs, by)) return;
    const how =
      overrideState(row, nowMs) === 'released'
        ? `was released at ${row.releasedAt?.toISOString()} already${row.releasedBy === null ? '' : ` by ${row.releasedBy}`}`
        : `ended at ${row.expiresAt.toISOString()}`;
    throw new DomainError('conflict', `The override ${how}: there is nothing to release`);
  }

  private async find(pool: Pick<Pool, 'query'>, site: Site, id: string): Promise<OverrideRow> {
    const row = await findOverride(pool, site.id, id);
    if (row === undefined) throw new DomainError('notFound', `There is no override ${id} in site ${site.address}`);
    return row;
  }

  private async view(pool: Pick<Pool, 'query'>, site: Site, id: string, nowMs: number): Promise<OverrideView> {
    const row = await this.find(pool, site, id);
    const inForce = await this.lampsInForce(pool, site, [row], nowMs);
    return toOverrideView(site.address, row, inForce.get(id) ?? 0, nowMs);
  }

  /** Looked up only when one of the rows is active: it takes a look at every lamp under an override. */
  private async lampsInForce(pool: Pick<Pool, 'query'>, site: Site, rows: readonly OverrideRow[], nowMs: number) {
    const isActive = rows.some((row) => overrideState(row, nowMs) === 'active');
    return isActive ? countLampsInForce(pool, site.id, nowMs) : new Map<string, number>();
  }
}

/** Half of a site with so many lamps is as good as the site. */
const MANY_LAMPS = 100;

function darkensSite({ target, levelPercent }: CreateOverride, meant: number, lamps: number): boolean {
  if (levelPercent > 0) return false;
  return target.kind === 'site' || meant === lamps || (meant >= MANY_LAMPS && 2 * meant >= lamps);
}

function toData({ startsAt, expiresAt, reason, ...body }: CreateOverride, nowMs: number): OverrideData {
  const startsAtMs = startsAt === undefined ? undefined : Date.parse(startsAt);
  const period = planOverride({ startsAtMs, expiresAtMs: Date.parse(expiresAt) }, nowMs);
  return { ...body, ...period, reason: reason ?? null };
}

function noLamps({ target }: CreateOverride): DomainError {
  const where = 'address' in target ? `${target.kind} ${target.address}` : target.kind;
  return new DomainError('invalid', 'The target has no lamps in service; nothing was commanded', [
    { at: '/target', problem: `the ${where} has no lamps in service: put lamps there first, or take another target` },
  ]);
}
