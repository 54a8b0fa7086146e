import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { IfMatch } from '../http/if-match.js';
import { lampPath, sitePath } from '../http/path.schema.js';
import { createLamp, lampPage, lampQuery, lampView, updateLamp } from './lamp.schema.js';
import { LampsService } from './lamps.service.js';

@ApiTags('lamps')
@Controller('sites/:site/lamps')
export class LampsController {
  constructor(private readonly lamps: LampsService) {}

  @Get()
  @Access('lighting.read', 'groupQuery')
  @Describe({
    summary: 'List the lamps of a site',
    description: 'Lamps in service, in the order of their addresses. All filters that are given have to hold.',
    answer: lampPage,
    refuses: [404],
  })
  listLamps(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: lampQuery }) query: z.infer<typeof lampQuery>,
  ) {
    return this.lamps.list(site, query);
  }

  @Post()
  @Access('inventory.write')
  @Describe({ summary: 'Create a lamp', status: 201, answer: lampView, refuses: [404, 409, 422], etag: true })
  createLamp(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createLamp }) body: z.infer<typeof createLamp>,
  ) {
    return this.lamps.create(site, body);
  }

  @Get(':lamp')
  @Access('lighting.read', 'lamp')
  @Describe({ summary: 'Read a lamp', answer: lampView, refuses: [404], etag: true })
  getLamp(@Param('site', { schema: sitePath }) site: string, @Param('lamp', { schema: lampPath }) lamp: string) {
    return this.lamps.get(site, lamp);
  }

  @Patch(':lamp')
  @Access('inventory.write')
  @Describe({ summary: 'Change a lamp', answer: lampView, refuses: [404, 422], etag: true, ifMatch: true })
  updateLamp(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
    @Body({ schema: updateLamp }) body: z.infer<typeof updateLamp>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.lamps.update(site, lamp, body, expected);
  }

  @Delete(':lamp')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({
    summary: 'Take a lamp out of service',
    description: 'Its telemetry and energy stay readable. A new lamp may take the address; it begins without history.',
    status: 204,
    refuses: [404],
    ifMatch: true,
  })
  removeLamp(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.lamps.remove(site, lamp, expected);
  }
}
