import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { lampPath, sitePath } from '../http/path.schema.js';
import { lampThresholdsView } from './thresholds.schema.js';
import { ThresholdsService } from './thresholds.service.js';

@ApiTags('lamps')
@Controller('sites/:site/lamps/:lamp/thresholds')
export class ThresholdsController {
  constructor(private readonly thresholds: ThresholdsService) {}

  @Get()
  @Access('lighting.read', 'lamp')
  @Describe({
    summary: 'Read from when on something is a fault of a lamp, and where each figure comes from',
    description:
      'Figure by figure: what is set for the lamp, else for its groups (of several the last by address), else for its lamp type, ' +
      'else the default. Set them with PATCH of the lamp, the group or the lamp type.',
    answer: lampThresholdsView,
    refuses: [404],
  })
  getLampThresholds(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
  ) {
    return this.thresholds.get(site, lamp);
  }
}
