import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { ActingUser } from '../http/acting-user.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { programPath, sitePath } from '../http/path.schema.js';
import { HistoryService } from './history.service.js';
import { createProgram, programPage, programView, updateProgram } from './program.schema.js';
import { ProgramsService } from './programs.service.js';
import { changePage, changesQuery, versionPath, versionView, type ChangesQuery } from './versions.schema.js';

@ApiTags('control programs')
@Controller('sites/:site/programs')
export class ProgramsController {
  constructor(
    private readonly programs: ProgramsService,
    private readonly history: HistoryService,
  ) {}

  @Get()
  @Access('lighting.read')
  @Describe({ summary: 'List the control programs of a site', answer: programPage, refuses: [404] })
  listPrograms(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.programs.list(site, query);
  }

  @Post()
  @Access('programs.write')
  @Describe({
    summary: 'Create a control program',
    description:
      'A night runs from local noon to local noon. Times are anchored to the clock or to the sun. What is anchored to something that ' +
      'does not happen in a night (civil dusk in a white night) is left out that night. Look at `warnings` in the answer, and at ' +
      'POST /programs/preview before. A program has no effect before a calendar names it.',
    status: 201,
    answer: programView,
    refuses: [404, 409],
    etag: true,
  })
  createProgram(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createProgram }) body: z.infer<typeof createProgram>,
    @ActingUser() user: string | undefined,
  ) {
    return this.programs.create(site, body, user);
  }

  @Get(':program')
  @Access('lighting.read')
  @Describe({ summary: 'Read a control program', answer: programView, refuses: [404], etag: true })
  getProgram(
    @Param('site', { schema: sitePath }) site: string,
    @Param('program', { schema: programPath }) program: string,
  ) {
    return this.programs.get(site, program);
  }

  @Patch(':program')
  @Access('programs.write')
  @Describe({
    summary: 'Change a control program',
    description:
      'Every calendar that names it has the new one from now on; devices get it as soon as they can be reached.',
    answer: programView,
    refuses: [404],
    etag: true,
    ifMatch: true,
  })
  updateProgram(
    @Param('site', { schema: sitePath }) site: string,
    @Param('program', { schema: programPath }) program: string,
    @Body({ schema: updateProgram }) body: z.infer<typeof updateProgram>,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() user: string | undefined,
  ) {
    return this.programs.update(site, program, body, expected, user);
  }

  @Delete(':program')
  @Access('programs.write')
  @HttpCode(204)
  @Describe({
    summary: 'Delete a control program that no calendar names',
    description: 'Its history stays readable.',
    status: 204,
    refuses: [404, 409],
    ifMatch: true,
  })
  deleteProgram(
    @Param('site', { schema: sitePath }) site: string,
    @Param('program', { schema: programPath }) program: string,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() user: string | undefined,
  ) {
    return this.programs.remove(site, program, expected, user);
  }

  @Get(':program/versions')
  @Access('lighting.read')
  @Describe({
    summary: 'List who changed a control program',
    description: 'Newest first; of a deleted program too.',
    answer: changePage,
    refuses: [404],
  })
  listProgramVersions(
    @Param('site', { schema: sitePath }) site: string,
    @Param('program', { schema: programPath }) program: string,
    @Query({ schema: changesQuery }) query: ChangesQuery,
  ) {
    return this.history.list(site, 'program', program, query);
  }

  @Get(':program/versions/:version')
  @Access('lighting.read')
  @Describe({ summary: 'Read a control program as it was', answer: versionView, refuses: [404] })
  getProgramVersion(
    @Param('site', { schema: sitePath }) site: string,
    @Param('program', { schema: programPath }) program: string,
    @Param('version', { schema: versionPath }) version: number,
  ) {
    return this.history.get(site, 'program', program, version);
  }
}
