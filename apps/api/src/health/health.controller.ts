import { Controller, Get, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import { isReady, Readiness } from '#libs/observability';
import type { Response } from 'express';
import type { z } from 'zod';
import { ApiOperation } from '@nestjs/swagger';
import { Public } from '../access/access.decorator.js';
import { liveView, readyView } from './health.schema.js';

@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Public('whatever watches the process has no account', { isUnlimited: true })
  @ApiOperation({ summary: 'Whether the process runs', description: 'Restart the process when this does not answer.' })
  @ApiResponse({ status: 200, description: 'It runs', standardSchema: liveView })
  getLive(): z.infer<typeof liveView> {
    return { status: 'live' };
  }

  @Get('ready')
  @Public('whatever watches the process has no account', { isUnlimited: true })
  @ApiOperation({
    summary: 'Whether the process is ready',
    description: 'Send it requests only while this answers 200.',
  })
  @ApiResponse({ status: 200, description: 'It is ready', standardSchema: readyView })
  @ApiResponse({ status: 503, description: 'It is not ready; the checks say why', standardSchema: readyView })
  async getReady(@Res({ passthrough: true }) response: Response): Promise<z.infer<typeof readyView>> {
    const checks = await this.readiness.run();
    const ready = isReady(checks);
    response.status(ready ? 200 : 503).setHeader('cache-control', 'no-store');
    return { status: ready ? 'ready' : 'not ready', checks };
  }
}
