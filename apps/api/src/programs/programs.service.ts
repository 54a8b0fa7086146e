import { Injectable } from '@nestjs/common';
import { ControlProgramRepository, type ControlProgram, type ExpectedVersion, type Site } from '#libs/storage';
import type { z } from 'zod';
import { toPage, type PageQuery } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import { definitionOf, viewOf } from './definition.schema.js';
import { HistoryService } from './history.service.js';
import { ScheduleReviews } from './schedule-reviews.js';
import type { createProgram, programSummary, programView, updateProgram } from './program.schema.js';

type ProgramView = z.infer<typeof programView>;

@Injectable()
export class ProgramsService {
  constructor(
    private readonly sites: SitesService,
    private readonly programs: ControlProgramRepository,
    private readonly history: HistoryService,
    private readonly reviews: ScheduleReviews,
  ) {}

  async list(site: string, { cursor, limit }: PageQuery) {
    const rows = await this.programs.list(await this.sites.find(site), cursor, limit + 1);
    return toPage(rows, limit, (program) => program.address, toSummary);
  }

  async get(siteAddress: string, address: string): Promise<ProgramView> {
    const site = await this.sites.find(siteAddress);
    return this.toView(site, await this.programs.get(site, address));
  }

  async create(
    siteAddress: string,
    { address, name, comment, ...definition }: z.infer<typeof createProgram>,
    user: string | undefined,
  ): Promise<ProgramView> {
    const site = await this.sites.find(siteAddress);
    const data = { address, name, definition: definitionOf(definition) };
    return this.toView(site, await this.programs.create(site, data, this.history.author(user, comment)));
  }

  async update(
    siteAddress: string,
    address: string,
    { name, comment, ...definition }: z.infer<typeof updateProgram>,
    expected: ExpectedVersion,
    user: string | undefined,
  ): Promise<ProgramView> {
    const site = await this.sites.find(siteAddress);
    const given = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined));
    const author = this.history.author(user, comment);
    return this.toView(site, await this.programs.update(site, address, { name, definition: given }, expected, author));
  }

  async remove(site: string, address: string, expected: ExpectedVersion, user: string | undefined): Promise<void> {
    await this.programs.remove(await this.sites.find(site), address, expected, this.history.author(user));
  }

  private toView(site: Site, program: ControlProgram): ProgramView {
    const warnings = this.reviews.ofProgram(program.definition, site);
    const specialNights = this.reviews.specialNights(program.definition, site);
    return {
      ...toSummary(program),
      warnings: warnings.map((warning) => ({ ...warning, dates: [...warning.dates] })),
      specialNights: specialNights.map((night) => ({
        ...night,
        burningHours: Math.round(night.burningHours * 100) / 100,
      })),
    };
  }
}

function toSummary(program: ControlProgram): z.infer<typeof programSummary> {
  const { address, name, definition, version } = program;
  return {
    ...{ address, name, ...viewOf(definition), version },
    createdAt: program.createdAt.toISOString(),
    updatedAt: program.updatedAt.toISOString(),
  };
}
