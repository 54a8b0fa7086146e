import { Public } from '../access/access.decorator.js';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Registry } from '#libs/observability';
import { METRICS } from '#libs/platform';
import type { Response } from 'express';

@ApiTags('operation')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly registry: Registry) {}

  @Get()
  @Public('for Prometheus; keep the port inside', { isUnlimited: true })
  @ApiOperation({ summary: 'The metrics of the process, for Prometheus' })
  @ApiProduces('text/plain')
  @ApiResponse({
    status: 200,
    description: 'Prometheus text format',
    schema: {
      type: 'string',
      example: 'felinar_http_request_duration_seconds_count{method="GET",route="/api/v1/sites",status="200"} 3\n',
    },
  })
  async getMetrics(@Res({ passthrough: true }) response: Response): Promise<string> {
    response.setHeader('content-type', this.registry.contentType);
    return this.registry.metrics();
  }
}
