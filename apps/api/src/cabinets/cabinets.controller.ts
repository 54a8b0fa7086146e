import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { cabinetPath, sitePath } from '../http/path.schema.js';
import { cabinetPage, cabinetView, createCabinet, updateCabinet } from './cabinet.schema.js';
import { CabinetsService } from './cabinets.service.js';

@ApiTags('cabinets')
@Controller('sites/:site/cabinets')
export class CabinetsController {
  constructor(private readonly cabinets: CabinetsService) {}

  @Get()
  @Access('lighting.read')
  @Describe({ summary: 'List the cabinets of a site', answer: cabinetPage, refuses: [404] })
  listCabinets(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.cabinets.list(site, query);
  }

  @Post()
  @Access('inventory.write')
  @Describe({ summary: 'Create a cabinet', status: 201, answer: cabinetView, refuses: [404, 409], etag: true })
  createCabinet(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createCabinet }) body: z.infer<typeof createCabinet>,
  ) {
    return this.cabinets.create(site, body);
  }

  @Get(':cabinet')
  @Access('lighting.read')
  @Describe({ summary: 'Read a cabinet', answer: cabinetView, refuses: [404], etag: true })
  getCabinet(
    @Param('site', { schema: sitePath }) site: string,
    @Param('cabinet', { schema: cabinetPath }) cabinet: string,
  ) {
    return this.cabinets.get(site, cabinet);
  }

  @Patch(':cabinet')
  @Access('inventory.write')
  @Describe({ summary: 'Change a cabinet', answer: cabinetView, refuses: [404], etag: true, ifMatch: true })
  updateCabinet(
    @Param('site', { schema: sitePath }) site: string,
    @Param('cabinet', { schema: cabinetPath }) cabinet: string,
    @Body({ schema: updateCabinet }) body: z.infer<typeof updateCabinet>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.cabinets.update(site, cabinet, body, expected);
  }

  @Delete(':cabinet')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({ summary: 'Delete a cabinet that feeds no lamps', status: 204, refuses: [404, 409], ifMatch: true })
  deleteCabinet(
    @Param('site', { schema: sitePath }) site: string,
    @Param('cabinet', { schema: cabinetPath }) cabinet: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.cabinets.remove(site, cabinet, expected);
  }
}
