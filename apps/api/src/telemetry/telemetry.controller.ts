import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { lampPath, sitePath } from '../http/path.schema.js';
import { telemetryQuery, telemetryView } from './telemetry.schema.js';
import { TelemetryService } from './telemetry.service.js';

@ApiTags('telemetry')
@Controller('sites/:site/lamps/:lamp/telemetry')
export class TelemetryController {
  constructor(private readonly telemetry: TelemetryService) {}

  @Get()
  @Access('lighting.read', 'lamp')
  @Describe({
    summary: 'Read the readings of a lamp over time',
    description:
      'Readings as they came when they fit in `maxPoints`, otherwise buckets with the least, mean and greatest value (the last ' +
      'value of registers). What is older than the readings that are kept comes from averages: see `averagedUntil`. A removed lamp’s history is found under its address until another lamp takes it.',
    answer: telemetryView,
    refuses: [404, 422],
  })
  getLampTelemetry(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
    @Query({ schema: telemetryQuery }) query: z.infer<typeof telemetryQuery>,
  ) {
    return this.telemetry.read(site, lamp, query);
  }
}
