import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { AssignmentKind, ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { ActingUser } from '../http/acting-user.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { sitePath } from '../http/path.schema.js';
import { HistoryService } from '../programs/history.service.js';
import { changePage, changesQuery, versionPath, versionView, type ChangesQuery } from '../programs/versions.schema.js';
import { assignmentPage, assignmentView, kindPath, putAssignment, targetPath } from './assignment.schema.js';
import { AssignmentsService } from './assignments.service.js';

const WHO_WINS =
  'Every lamp has one calendar, from the most specific assignment that speaks of it: of the lamp itself, else of one of its groups, ' +
  'else of its cabinet, else of the site. Among several groups of a lamp the one with the highest priority decides, among equal ones ' +
  'the first by address. Assignments are live: a lamp that joins the group takes the calendar of the group, and one that leaves it ' +
  'loses it. (In TALQ an assignment to a group is a snapshot of its members at that moment.)';

@ApiTags('assignments')
@Controller('sites/:site/assignments')
export class AssignmentsController {
  constructor(
    private readonly assignments: AssignmentsService,
    private readonly history: HistoryService,
  ) {}

  @Get()
  @Access('lighting.read')
  @Describe({
    summary: 'List which calendars are assigned to what',
    description: `The site first, then cabinets, groups and lamps. ${WHO_WINS}`,
    answer: assignmentPage,
    refuses: [404],
  })
  listAssignments(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.assignments.list(site, query);
  }

  @Get(':kind/:address')
  @Access('lighting.read')
  @Describe({
    summary: 'Read what is assigned to a site, cabinet, group or lamp',
    description: 'Of it alone; which calendar a lamp has in the end, and why, is in its schedule.',
    answer: assignmentView,
    refuses: [404],
    etag: true,
  })
  getAssignment(
    @Param('site', { schema: sitePath }) site: string,
    @Param('kind', { schema: kindPath }) kind: AssignmentKind,
    @Param('address', { schema: targetPath }) address: string,
  ) {
    return this.assignments.get(site, kind, address);
  }

  @Put(':kind/:address')
  @Access('programs.write')
  @Describe({
    summary: 'Assign a calendar to a site, cabinet, group or lamp',
    description: `For kind site the address is that of the site. ${WHO_WINS}`,
    answer: assignmentView,
    answers: 'Another calendar, or the same, is assigned now',
    refuses: [404, 422],
    etag: true,
    ifMatch: true,
  })
  @ApiResponse({ status: 201, description: 'Assigned for the first time', standardSchema: assignmentView })
  async putAssignment(
    @Param('site', { schema: sitePath }) site: string,
    @Param('kind', { schema: kindPath }) kind: AssignmentKind,
    @Param('address', { schema: targetPath }) address: string,
    @Body({ schema: putAssignment }) body: z.infer<typeof putAssignment>,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() user: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { assignment, created } = await this.assignments.put(site, kind, address, body, expected, user);
    response.status(created ? 201 : 200);
    return assignment;
  }

  @Delete(':kind/:address')
  @Access('programs.write')
  @HttpCode(204)
  @Describe({
    summary: 'Take the calendar of a site, cabinet, group or lamp away',
    description: 'Its lamps have the calendar of the next less specific assignment then, or none.',
    status: 204,
    refuses: [404],
    ifMatch: true,
  })
  deleteAssignment(
    @Param('site', { schema: sitePath }) site: string,
    @Param('kind', { schema: kindPath }) kind: AssignmentKind,
    @Param('address', { schema: targetPath }) address: string,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() user: string | undefined,
  ) {
    return this.assignments.remove(site, kind, address, expected, user);
  }

  @Get(':kind/:address/versions')
  @Access('lighting.read')
  @Describe({
    summary: 'List who assigned what',
    description: 'Newest first; also of what has no calendar any more, or does not exist any more.',
    answer: changePage,
    refuses: [404],
  })
  listAssignmentVersions(
    @Param('site', { schema: sitePath }) site: string,
    @Param('kind', { schema: kindPath }) kind: AssignmentKind,
    @Param('address', { schema: targetPath }) address: string,
    @Query({ schema: changesQuery }) query: ChangesQuery,
  ) {
    return this.history.list(site, 'assignment', `${kind}/${address}`, query);
  }

  @Get(':kind/:address/versions/:version')
  @Access('lighting.read')
  @Describe({ summary: 'Read an assignment as it was', answer: versionView, refuses: [404] })
  getAssignmentVersion(
    @Param('site', { schema: sitePath }) site: string,
    @Param('kind', { schema: kindPath }) kind: AssignmentKind,
    @Param('address', { schema: targetPath }) address: string,
    @Param('version', { schema: versionPath }) version: number,
  ) {
    return this.history.get(site, 'assignment', `${kind}/${address}`, version);
  }
}
