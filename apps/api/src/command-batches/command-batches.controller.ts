import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Principal } from '#libs/identity';
import { Access } from '../access/access.decorator.js';
import { CurrentPrincipal } from '../access/principal.js';
import { ReachService } from '../access/reach.service.js';
import { ActingUser } from '../http/acting-user.js';
import { Describe } from '../http/api-docs.js';
import { IdempotencyKey, TakesIdempotencyKey } from '../http/idempotency-key.js';
import { sitePath } from '../http/path.schema.js';
import { idPath } from '../http/uuid-path.js';
import { BatchEventsService, FINISHED_ID } from './batch-events.service.js';
import {
  commandBatchPage,
  commandBatchQuery,
  commandBatchView,
  EVENTS_EXAMPLE,
  lampCommandPage,
  lampCommandQuery,
} from './command-batch.schema.js';
import { CommandBatchesService } from './command-batches.service.js';

const batchPath = idPath('command batch');

@ApiTags('commands')
@Controller('sites/:site/command-batches')
export class CommandBatchesController {
  constructor(
    private readonly batches: CommandBatchesService,
    private readonly events: BatchEventsService,
    private readonly reach: ReachService,
  ) {}

  @Get()
  @Access('lighting.read')
  @Describe({
    summary: 'List what was commanded in a site, the latest first',
    answer: commandBatchPage,
    refuses: [404],
  })
  listCommandBatches(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: commandBatchQuery }) query: z.infer<typeof commandBatchQuery>,
  ) {
    return this.batches.list(site, query);
  }

  @Get(':batch')
  @Access('lighting.read', 'batch')
  @Describe({ summary: 'Read how far a batch of commands has come', answer: commandBatchView, refuses: [404] })
  getCommandBatch(
    @Param('site', { schema: sitePath }) site: string,
    @Param('batch', { schema: batchPath }) batch: string,
  ) {
    return this.batches.get(site, batch);
  }

  @Get(':batch/commands')
  @Access('lighting.read', 'batch')
  @Describe({ summary: 'List the lamps of a batch and what came of it', answer: lampCommandPage, refuses: [404] })
  listLampCommands(
    @Param('site', { schema: sitePath }) site: string,
    @Param('batch', { schema: batchPath }) batch: string,
    @Query({ schema: lampCommandQuery }) query: z.infer<typeof lampCommandQuery>,
  ) {
    return this.batches.commands(site, batch, query);
  }

  @Post(':batch/cancel')
  @Access('commands.send', 'batch')
  @HttpCode(202)
  @Describe({
    summary: 'Stop a batch of commands',
    description:
      'What no device has acknowledged is not sent any more. The override that the batch belongs to is released with it, and lamps ' +
      'that were told go back to their calendar: an override that half of its lamps obey is nobody’s wish. Refused for a release, ' +
      'for what the calendar commands (kind serverDriven), and for batches that are finished.',
    status: 202,
    answer: commandBatchView,
    answers: 'Stopped; lamps that were told are being released',
    refuses: [404, 409],
  })
  @TakesIdempotencyKey()
  cancelCommandBatch(
    @Param('site', { schema: sitePath }) site: string,
    @Param('batch', { schema: batchPath }) batch: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @ActingUser() by: string | undefined,
  ) {
    return this.batches.cancel(site, batch, { idempotencyKey, by });
  }

  @Get(':batch/events')
  @Access('lighting.read', 'batch')
  @Describe({
    summary: 'Follow a batch of commands',
    description:
      'Server-sent events, `progress` at once and whenever the counts change (at most twice a second), ' +
      '`finished` when no command is open any more, and then the end. A comment comes every 15 s. Within five seconds after the session or key ' +
      'has ended, or may no longer see the batch, the stream ends too. A client that connects again with ' +
      '`Last-Event-ID: finished`, as EventSource does, is answered with 204 and stops.',
    answers: 'The events, as they happen',
    content: { 'text/event-stream': { schema: { type: 'string' }, example: EVENTS_EXAMPLE } },
    refuses: [404],
  })
  async followCommandBatch(
    @Param('site', { schema: sitePath }) site: string,
    @Param('batch', { schema: batchPath }) batch: string,
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { siteId, row } = await this.batches.find(site, batch);
    if (request.headers['last-event-id'] === FINISHED_ID) response.status(204).end();
    else if (request.method === 'HEAD') response.type('text/event-stream').end();
    else {
      const mayStill = () => this.reach.mayStillReach(principal, 'lighting.read', 'batch', request);
      this.events.stream(response, siteId, row, mayStill);
    }
  }
}
