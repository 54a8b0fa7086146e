import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { ActingUser } from '../http/acting-user.js';
import { Describe } from '../http/api-docs.js';
import { IdempotencyKey, TakesIdempotencyKey } from '../http/idempotency-key.js';
import { sitePath } from '../http/path.schema.js';
import { idPath } from '../http/uuid-path.js';
import { createOverride, overridePage, overrideQuery, overrideView } from './override.schema.js';
import { OverridesService } from './overrides.service.js';

const overridePath = idPath('override');

@ApiTags('overrides')
@Controller('sites/:site/overrides')
export class OverridesController {
  constructor(private readonly overrides: OverridesService) {}

  @Get()
  @Access('lighting.read')
  @Describe({
    summary: 'List the overrides of a site, the latest first',
    answer: overridePage,
    refuses: [404],
  })
  listOverrides(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: overrideQuery }) query: z.infer<typeof overrideQuery>,
  ) {
    return this.overrides.list(site, query);
  }

  @Post()
  @Access('commands.send', 'overrideTarget')
  @HttpCode(202)
  @Describe({
    summary: 'Command lamps to a level for a time',
    description:
      'The answer comes when the wish is stored: the commands go out after it, paced per cabinet. Follow them under `events`, or ' +
      'read the override again: `progress` counts the lamps. Lamps that obey a stronger override are counted in `heldLamps`; they ' +
      'follow this one when that has ended. At `expiresAt` the lamps go back to their calendar by themselves, also without the server.',
    status: 202,
    answer: overrideView,
    answers: 'Stored; it is being carried out',
    location: true,
    refuses: [404, 409, 422],
  })
  @TakesIdempotencyKey()
  async createOverride(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createOverride }) body: z.infer<typeof createOverride>,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @ActingUser() by: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const view = await this.overrides.create(site, body, { idempotencyKey, by });
    response.setHeader('location', `/api/v1/sites/${site}/overrides/${view.id}`);
    return view;
  }

  @Get(':override')
  @Access('lighting.read', 'override')
  @Describe({ summary: 'Read an override and how far it has come', answer: overrideView, refuses: [404] })
  getOverride(
    @Param('site', { schema: sitePath }) site: string,
    @Param('override', { schema: overridePath }) override: string,
  ) {
    return this.overrides.get(site, override);
  }

  @Post(':override/release')
  @Access('commands.send', 'override')
  @HttpCode(202)
  @Describe({
    summary: 'End an override before its time',
    description:
      'What has not reached the lamps is cancelled; lamps that were told are told to go back to their calendar, or to the override ' +
      'that holds them now.',
    status: 202,
    answer: overrideView,
    answers: 'Released; the lamps are being told',
    refuses: [404, 409],
  })
  @TakesIdempotencyKey()
  releaseOverride(
    @Param('site', { schema: sitePath }) site: string,
    @Param('override', { schema: overridePath }) override: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @ActingUser() by: string | undefined,
  ) {
    return this.overrides.release(site, override, { idempotencyKey, by });
  }
}
