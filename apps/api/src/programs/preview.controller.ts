import { Body, Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { sendEither, wantsSvg } from '../http/accepts-svg.js';
import { Describe } from '../http/api-docs.js';
import { drawPreview } from './picture/preview-picture.js';
import { previewQuery, previewRequest, previewView, type PreviewRequest } from './preview.schema.js';
import { PreviewService } from './preview.service.js';

@ApiTags('control programs')
@Controller('programs')
export class PreviewController {
  constructor(private readonly previews: PreviewService) {}

  @Post('preview')
  @Access('lighting.read', 'siteInBody')
  @HttpCode(200)
  @Describe({
    summary: 'See what a control program does in certain nights, and what it saves',
    description:
      'Nothing is stored. Gives the sun of every night, the switch points in UTC and local time, burning hours, and, with lamps, the ' +
      'energy to be expected and its cost, against the same lamps at full power from sunset to sunrise. Power follows the power curve ' +
      'of the lamp type, or a straight line from standby to rated power. As a picture with the header Accept: image/svg+xml, or ' +
      'format=svg.',
    answer: previewView,
    refuses: [422],
  })
  async previewProgram(
    @Body({ schema: previewRequest }) body: PreviewRequest,
    @Query({ schema: previewQuery }) query: z.infer<typeof previewQuery>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ) {
    const svg = wantsSvg(request, query.format);
    const { view, caption } = await this.previews.of(body, { reviewed: !svg });
    return sendEither(response, svg, view, (drawn) => drawPreview(drawn, caption));
  }
}
