import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { sendEither, wantsSvg } from '../http/accepts-svg.js';
import { Describe } from '../http/api-docs.js';
import { lampPath, sitePath } from '../http/path.schema.js';
import { scheduleQuery, scheduleView, yearQuery, yearView } from './lamp-schedule.schema.js';
import { LampSchedulesService } from './lamp-schedules.service.js';
import { drawYear } from './year-picture.js';

@ApiTags('lamp schedules')
@Controller('sites/:site/lamps/:lamp/schedule')
export class LampSchedulesController {
  constructor(private readonly schedules: LampSchedulesService) {}

  @Get()
  @Access('lighting.read', 'lamp')
  @Describe({
    summary: 'Read what a lamp is to do in a night, and why',
    description:
      'Which calendar it has by which assignment, which others lost and why, which rule holds, the program with its version, how far ' +
      'it may be dimmed and who says so, the switch points of the night, and what the program asks for right now. Without a date: the ' +
      'night that now belongs to, from noon to noon.',
    answer: scheduleView,
    refuses: [404],
  })
  getLampSchedule(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
    @Query({ schema: scheduleQuery }) query: z.infer<typeof scheduleQuery>,
  ) {
    return this.schedules.night(site, lamp, query.date);
  }

  @Get('year')
  @Access('lighting.read', 'lamp')
  @Describe({
    summary: 'Read what a lamp is to do night by night, or see it',
    description:
      'With the calendar and the assignments as they are now. As a picture with the header Accept: image/svg+xml, or format=svg: ' +
      'a line a night, noon to noon, the colour its level, with sunset, dusk, dawn and sunrise over it.',
    answer: yearView,
    refuses: [404],
  })
  async getLampYear(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
    @Query({ schema: yearQuery }) query: z.infer<typeof yearQuery>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { view, place } = await this.schedules.year(site, lamp, query.days, query.from);
    return sendEither(response, wantsSvg(request, query.format), view, (year) => drawYear(year, place));
  }
}
