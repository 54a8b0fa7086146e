import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { lampPath, sitePath } from '../http/path.schema.js';
import { lampStatePage, lampStateQuery, lampStateView } from './lamp-state.schema.js';
import { LampStatesService } from './lamp-states.service.js';

@ApiTags('lamp states')
@Controller('sites/:site')
export class LampStatesController {
  constructor(private readonly states: LampStatesService) {}

  @Get('lamp-states')
  @Access('lighting.read', 'groupQuery')
  @Describe({ summary: 'List the newest readings of the lamps of a site', answer: lampStatePage, refuses: [404] })
  listLampStates(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: lampStateQuery }) query: z.infer<typeof lampStateQuery>,
  ) {
    return this.states.list(site, query);
  }

  @Get('lamps/:lamp/state')
  @Access('lighting.read', 'lamp')
  @Describe({ summary: 'Read the newest reading of a lamp', answer: lampStateView, refuses: [404] })
  getLampState(@Param('site', { schema: sitePath }) site: string, @Param('lamp', { schema: lampPath }) lamp: string) {
    return this.states.get(site, lamp);
  }
}
