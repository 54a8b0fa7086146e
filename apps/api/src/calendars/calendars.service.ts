import { Injectable } from '@nestjs/common';
import {
  CalendarRepository,
  LampScheduleRepository,
  type Calendar,
  type ExpectedVersion,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { HistoryService } from '../programs/history.service.js';
import { ScheduleReviews } from '../programs/schedule-reviews.js';
import { SitesService } from '../sites/sites.service.js';
import type { calendarSummary, calendarView, createCalendar, updateCalendar } from './calendar.schema.js';

type CalendarView = z.infer<typeof calendarView>;

@Injectable()
export class CalendarsService {
  constructor(
    private readonly sites: SitesService,
    private readonly calendars: CalendarRepository,
    private readonly schedules: LampScheduleRepository,
    private readonly history: HistoryService,
    private readonly reviews: ScheduleReviews,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const rows = await this.calendars.list(await this.sites.find(site), cursor, limit + 1);
    return toPage(rows, limit, (calendar) => calendar.address, toSummary);
  }

  async get(siteAddress: string, address: string): Promise<CalendarView> {
    const site = await this.sites.find(siteAddress);
    return this.toView(site, await this.calendars.get(site, address));
  }

  async create(
    siteAddress: string,
    { comment, ...data }: z.infer<typeof createCalendar>,
    user: string | undefined,
  ): Promise<CalendarView> {
    const site = await this.sites.find(siteAddress);
    return this.toView(site, await this.calendars.create(site, data, this.history.author(user, comment)));
  }

  async update(
    siteAddress: string,
    address: string,
    { comment, ...changes }: z.infer<typeof updateCalendar>,
    expected: ExpectedVersion,
    user: string | undefined,
  ): Promise<CalendarView> {
    const site = await this.sites.find(siteAddress);
    const author = this.history.author(user, comment);
    return this.toView(site, await this.calendars.update(site, address, changes, expected, author));
  }

  async remove(site: string, address: string, expected: ExpectedVersion, user: string | undefined): Promise<void> {
    await this.calendars.remove(await this.sites.find(site), address, expected, this.history.author(user));
  }

  private async toView(site: Site, calendar: Calendar): Promise<CalendarView> {
    const programs = await this.schedules.programsOf(site, calendar);
    const definitions = new Map([...programs].map(([address, { definition }]) => [address, definition]));
    const warnings = this.reviews.ofCalendar(calendar, definitions, site);
    return {
      ...toSummary(calendar),
      warnings: warnings.map((warning) => ({ ...warning, dates: [...warning.dates] })),
    };
  }
}

function toSummary(calendar: Calendar): z.infer<typeof calendarSummary> {
  const { address, name, rules, defaultProgram, version } = calendar;
  return {
    ...{ address, name, defaultProgram, version },
    // Out of the database: read only there, and changeable for the view's sake.
    rules: structuredClone(rules) as z.infer<typeof calendarSummary>['rules'],
    createdAt: calendar.createdAt.toISOString(),
    updatedAt: calendar.updatedAt.toISOString(),
  };
}
