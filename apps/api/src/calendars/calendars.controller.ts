import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { ActingUser } from '../http/acting-user.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { calendarPath, sitePath } from '../http/path.schema.js';
import { HistoryService } from '../programs/history.service.js';
import { calendarPage, calendarView, createCalendar, updateCalendar } from './calendar.schema.js';
import { CalendarsService } from './calendars.service.js';
import { changePage, changesQuery, versionPath, versionView, type ChangesQuery } from '../programs/versions.schema.js';

@ApiTags('calendars')
@Controller('sites/:site/calendars')
export class CalendarsController {
  constructor(
    private readonly calendars: CalendarsService,
    private readonly history: HistoryService,
  ) {}

  @Get()
  @Access('lighting.read')
  @Describe({ summary: 'List the calendars of a site', answer: calendarPage, refuses: [404] })
  listCalendars(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.calendars.list(site, query);
  }

  @Post()
  @Access('programs.write')
  @Describe({
    summary: 'Create a calendar',
    description:
      'It gives every night a control program: of the first rule whose conditions all hold on the date of the evening, else the default. ' +
      'The morning belongs to the evening before: a rule for Saturday lasts until Sunday noon. It has no effect before it is assigned.',
    status: 201,
    answer: calendarView,
    refuses: [404, 409, 422],
    etag: true,
  })
  createCalendar(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createCalendar }) body: z.infer<typeof createCalendar>,
    @ActingUser() user: string | undefined,
  ) {
    return this.calendars.create(site, body, user);
  }

  @Get(':calendar')
  @Access('lighting.read')
  @Describe({ summary: 'Read a calendar', answer: calendarView, refuses: [404], etag: true })
  getCalendar(
    @Param('site', { schema: sitePath }) site: string,
    @Param('calendar', { schema: calendarPath }) calendar: string,
  ) {
    return this.calendars.get(site, calendar);
  }

  @Patch(':calendar')
  @Access('programs.write')
  @Describe({
    summary: 'Change a calendar',
    description:
      'Whatever it is assigned to has the new one from now on; devices get it as soon as they can be reached.',
    answer: calendarView,
    refuses: [404, 422],
    etag: true,
    ifMatch: true,
  })
  updateCalendar(
    @Param('site', { schema: sitePath }) site: string,
    @Param('calendar', { schema: calendarPath }) calendar: string,
    @Body({ schema: updateCalendar }) body: z.infer<typeof updateCalendar>,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() user: string | undefined,
  ) {
    return this.calendars.update(site, calendar, body, expected, user);
  }

  @Delete(':calendar')
  @Access('programs.write')
  @HttpCode(204)
  @Describe({
    summary: 'Delete a calendar that is assigned to nothing',
    description: 'Its history stays readable.',
    status: 204,
    refuses: [404, 409],
    ifMatch: true,
  })
  deleteCalendar(
    @Param('site', { schema: sitePath }) site: string,
    @Param('calendar', { schema: calendarPath }) calendar: string,
    @IfMatch() expected: ExpectedVersion,
    @ActingUser() user: string | undefined,
  ) {
    return this.calendars.remove(site, calendar, expected, user);
  }

  @Get(':calendar/versions')
  @Access('lighting.read')
  @Describe({
    summary: 'List who changed a calendar',
    description: 'Newest first; of a deleted calendar too.',
    answer: changePage,
    refuses: [404],
  })
  listCalendarVersions(
    @Param('site', { schema: sitePath }) site: string,
    @Param('calendar', { schema: calendarPath }) calendar: string,
    @Query({ schema: changesQuery }) query: ChangesQuery,
  ) {
    return this.history.list(site, 'calendar', calendar, query);
  }

  @Get(':calendar/versions/:version')
  @Access('lighting.read')
  @Describe({ summary: 'Read a calendar as it was', answer: versionView, refuses: [404] })
  getCalendarVersion(
    @Param('site', { schema: sitePath }) site: string,
    @Param('calendar', { schema: calendarPath }) calendar: string,
    @Param('version', { schema: versionPath }) version: number,
  ) {
    return this.history.get(site, 'calendar', calendar, version);
  }
}
