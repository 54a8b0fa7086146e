import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { lampPath, sitePath } from '../http/path.schema.js';
import { lampLevelPage, lampLevelQuery, lampLevelView } from './lamp-level.schema.js';
import { LampLevelsService } from './lamp-levels.service.js';

const DESCRIPTION =
  'Commanded: by the override that holds, else by the calendar. In effect: what the controller says it aims at. Physical: what the ' +
  'newest reading shows.';

@ApiTags('lamp levels')
@Controller('sites/:site')
export class LampLevelsController {
  constructor(private readonly levels: LampLevelsService) {}

  @Get('lamp-levels')
  @Access('lighting.read', 'groupQuery')
  @Describe({
    summary: 'List what lamps shall do, aim at and show',
    description: `${DESCRIPTION} The list of lamps on which it did not work is \`status=notApplied\`.`,
    answer: lampLevelPage,
    refuses: [404],
  })
  listLampLevels(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: lampLevelQuery }) query: z.infer<typeof lampLevelQuery>,
  ) {
    return this.levels.list(site, query);
  }

  @Get('lamps/:lamp/level')
  @Access('lighting.read', 'lamp')
  @Describe({
    summary: 'Read what a lamp shall do, aims at and shows',
    description: DESCRIPTION,
    answer: lampLevelView,
    refuses: [404],
  })
  getLampLevel(@Param('site', { schema: sitePath }) site: string, @Param('lamp', { schema: lampPath }) lamp: string) {
    return this.levels.get(site, lamp);
  }
}
