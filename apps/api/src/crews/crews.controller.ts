import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { sitePath } from '../http/path.schema.js';
import { createCrew, crewPage, crewPath, crewView, updateCrew } from './crew.schema.js';
import { CrewsService } from './crews.service.js';

@ApiTags('crews')
@Controller('sites/:site/crews')
export class CrewsController {
  constructor(private readonly crews: CrewsService) {}

  @Get()
  @Access('lighting.read')
  @Describe({ summary: 'List the crews of a site', answer: crewPage, refuses: [404] })
  listCrews(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.crews.list(site, query);
  }

  @Post()
  @Access('crews.manage')
  @Describe({ summary: 'Create a crew', status: 201, answer: crewView, refuses: [404, 409], etag: true })
  createCrew(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createCrew }) body: z.infer<typeof createCrew>,
  ) {
    return this.crews.create(site, body);
  }

  @Get(':crew')
  @Access('lighting.read')
  @Describe({ summary: 'Read a crew', answer: crewView, refuses: [404], etag: true })
  getCrew(@Param('site', { schema: sitePath }) site: string, @Param('crew', { schema: crewPath }) crew: string) {
    return this.crews.get(site, crew);
  }

  @Patch(':crew')
  @Access('crews.manage')
  @Describe({ summary: 'Change a crew', answer: crewView, refuses: [404], etag: true, ifMatch: true })
  updateCrew(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @Body({ schema: updateCrew }) body: z.infer<typeof updateCrew>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.crews.update(site, crew, body, expected);
  }

  @Delete(':crew')
  @Access('crews.manage')
  @HttpCode(204)
  @Describe({
    summary: 'Delete a crew',
    description:
      'Its channels go with it, and what they have not delivered. Faults assigned to it are assigned to nobody.',
    status: 204,
    refuses: [404],
    ifMatch: true,
  })
  deleteCrew(
    @Param('site', { schema: sitePath }) site: string,
    @Param('crew', { schema: crewPath }) crew: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.crews.remove(site, crew, expected);
  }
}
