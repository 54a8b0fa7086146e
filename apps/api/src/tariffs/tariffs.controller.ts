import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { localDateField } from '../http/fields.schema.js';
import { IfMatch } from '../http/if-match.js';
import { sitePath } from '../http/path.schema.js';
import { putTariff, tariffPage, tariffView } from './tariff.schema.js';
import { TariffsService } from './tariffs.service.js';

@ApiTags('tariffs')
@Controller('sites/:site/tariffs')
export class TariffsController {
  constructor(private readonly tariffs: TariffsService) {}

  @Get()
  @Access('lighting.read')
  @Describe({ summary: 'List the tariffs of a site', answer: tariffPage, refuses: [404] })
  listTariffs(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.tariffs.list(site, query);
  }

  @Get(':validFrom')
  @Access('lighting.read')
  @Describe({ summary: 'Read the tariff that begins on a day', answer: tariffView, refuses: [404], etag: true })
  getTariff(
    @Param('site', { schema: sitePath }) site: string,
    @Param('validFrom', { schema: localDateField }) validFrom: string,
  ) {
    return this.tariffs.get(site, validFrom);
  }

  @Put(':validFrom')
  @Access('inventory.write')
  @Describe({
    summary: 'Create or replace the tariff that begins on a day',
    description: 'It holds until the next tariff of the site begins. The cost of past days changes with it.',
    answer: tariffView,
    answers: 'Replaced',
    refuses: [404, 422],
    etag: true,
    ifMatch: true,
  })
  @ApiResponse({ status: 201, description: 'Created', standardSchema: tariffView })
  async putTariff(
    @Param('site', { schema: sitePath }) site: string,
    @Param('validFrom', { schema: localDateField }) validFrom: string,
    @Body({ schema: putTariff }) body: z.infer<typeof putTariff>,
    @IfMatch() expected: ExpectedVersion,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { tariff, created } = await this.tariffs.put(site, validFrom, body, expected);
    response.status(created ? 201 : 200);
    return tariff;
  }

  @Delete(':validFrom')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({ summary: 'Delete the tariff that begins on a day', status: 204, refuses: [404], ifMatch: true })
  deleteTariff(
    @Param('site', { schema: sitePath }) site: string,
    @Param('validFrom', { schema: localDateField }) validFrom: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.tariffs.remove(site, validFrom, expected);
  }
}
