import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import { POOL } from '#libs/platform';
import {
  cancelCommandBatch,
  findCommandBatch,
  listCommandBatches,
  listLampCommands,
  releaseOverride,
  type CommandBatchRow,
  type Pool,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage } from '../http/cursor.js';
import { problem, ProblemError } from '../http/problem.js';
import { idOf, isId } from '../http/uuid-path.js';
import { CommandTransactions, type CommandRequest } from '../overrides/command-transactions.js';
import { SitesService } from '../sites/sites.service.js';
import { isFinished, toBatchView, toCommandView, type CommandBatchView } from './command-batch-view.js';
import type { commandBatchQuery, lampCommandQuery } from './command-batch.schema.js';

@Injectable()
export class CommandBatchesService {
  constructor(
    private readonly sites: SitesService,
    private readonly transactions: CommandTransactions,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async list(siteAddress: string, { cursor, limit }: z.infer<typeof commandBatchQuery>) {
    if (cursor !== undefined && !isId(cursor)) {
      throw new ProblemError(
        problem(400, 'The cursor is not valid', [{ pointer: 'query/cursor', problem: 'is not a cursor of this list' }]),
      );
    }
    const site = await this.sites.find(siteAddress);
    const rows = await listCommandBatches(this.pool, site.id, cursor, limit + 1);
    return toPage(
      rows,
      limit,
      (row) => row.id,
      (row) => toBatchView(site.address, row),
    );
  }

  async get(siteAddress: string, batch: string): Promise<CommandBatchView> {
    return toBatchView(siteAddress, (await this.find(siteAddress, batch)).row);
  }

  async commands(siteAddress: string, batch: string, { cursor, limit, state }: z.infer<typeof lampCommandQuery>) {
    const { row } = await this.find(siteAddress, batch);
    const rows = await listLampCommands(this.pool, row.id, state, cursor, limit + 1);
    return toPage(rows, limit, ({ id }) => Number(id), toCommandView);
  }

  /** The batch as it is stored, for following it. */
  async find(siteAddress: string, batch: string): Promise<{ readonly siteId: number; readonly row: CommandBatchRow }> {
    const site = await this.sites.find(siteAddress);
    const id = idOf('command batch', batch);
    return { siteId: site.id, row: known(await findCommandBatch(this.pool, site.id, id), id, siteAddress) };
  }

  async cancel(
    siteAddress: string,
    batch: string,
    asked: Pick<CommandRequest, 'idempotencyKey' | 'by'>,
  ): Promise<CommandBatchView> {
    const site = await this.sites.find(siteAddress);
    const id = idOf('command batch', batch);
    return this.transactions.run(site, { operation: `cancelCommandBatch ${id}`, ...asked }, async (step) => {
      const { client, nowMs } = step;
      const row = known(await findCommandBatch(client, site.id, id), id, siteAddress);
      refuseIfFixed(row);
      await cancelCommandBatch(client, site.id, id, nowMs, asked.by);
      // Half an override is nobody's wish.
      if (row.overrideId !== null) await releaseOverride(client, site.id, row.overrideId, nowMs, asked.by);
      await step.plan();
      return toBatchView(siteAddress, known(await findCommandBatch(client, site.id, id), id, siteAddress));
    });
  }
}

function known(row: CommandBatchRow | undefined, id: string, site: string): CommandBatchRow {
  if (row === undefined) throw new DomainError('notFound', `There is no command batch ${id} in site ${site}`);
  return row;
}

/** Refuses what cannot be cancelled, with what to do instead. */
function refuseIfFixed(row: CommandBatchRow): void {
  if (row.kind === 'serverDriven') {
    throw new DomainError(
      'conflict',
      'The calendar commands this, and would command it again: make an override, or change the calendar',
    );
  }
  if (row.kind === 'release') {
    throw new DomainError(
      'conflict',
      'A release brings lamps back to their calendar, and half of it is nobody’s wish: make an override for another level',
    );
  }
  if (isFinished(row)) {
    throw new DomainError(
      'conflict',
      'The batch is finished: there is nothing to stop. Release its override to take the level back',
    );
  }
}
