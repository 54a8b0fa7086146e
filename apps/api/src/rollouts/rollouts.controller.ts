import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { sitePath } from '../http/path.schema.js';
import { deviceProgramPage, deviceProgramQuery, rolloutList } from './rollout.schema.js';
import { RolloutsService } from './rollouts.service.js';

@ApiTags('rollouts')
@Controller('sites/:site')
export class RolloutsController {
  constructor(private readonly rollouts: RolloutsService) {}

  @Get('rollouts')
  @Access('lighting.read')
  @Describe({
    summary: 'Read how far each control program has come',
    description:
      'Devices run their programs on their own, and say which: a program has arrived when they say so. The numbers of a version ' +
      'fall to nothing when the devices shall run a newer one. Devices that cannot store programs are not counted.',
    answer: rolloutList,
    refuses: [404],
  })
  listRollouts(@Param('site', { schema: sitePath }) site: string) {
    return this.rollouts.list(site);
  }

  @Get('device-programs')
  @Access('lighting.read')
  @Describe({
    summary: 'List what devices shall run and what they run',
    description: 'Devices to look at are those with `mismatch=true`: online, and still running something else.',
    answer: deviceProgramPage,
    refuses: [404],
  })
  listDevicePrograms(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: deviceProgramQuery }) query: z.infer<typeof deviceProgramQuery>,
  ) {
    return this.rollouts.devices(site, query);
  }
}
