import { Inject, Injectable } from '@nestjs/common';
import { POOL } from '#libs/platform';
import type { ControlProgram as Definition } from '#libs/schedules';
import {
  ControlProgramRepository,
  type ControlProgram,
  type ExpectedVersion,
  type Pool,
  type Site,
} from '#libs/storage';
import type { z } from 'zod';
import type { AskedTwice } from '../confirmation/confirmation.js';
import { ConfirmationsService } from '../confirmation/confirmations.service.js';
import { toPage, type PageQuery } from '../http/cursor.js';
import { SitesService } from '../sites/sites.service.js';
import { definitionOf, viewOf } from './definition.schema.js';
import { HistoryService } from './history.service.js';
import { ScheduleReviews } from './schedule-reviews.js';
import type { createProgram, programSummary, programView, updateProgram } from './program.schema.js';

type ProgramView = z.infer<typeof programView>;

/** How a program is to be changed. */
interface Change {
  readonly expected: ExpectedVersion;
  readonly user: string | undefined;
  readonly confirmation: AskedTwice;
}

@Injectable()
export class ProgramsService {
  constructor(
    private readonly sites: SitesService,
    private readonly programs: ControlProgramRepository,
    private readonly history: HistoryService,
    private readonly reviews: ScheduleReviews,
    private readonly confirmations: ConfirmationsService,
    @Inject(POOL) private readonly pool: Pool,
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
    confirmation: AskedTwice,
  ): Promise<ProgramView> {
    const site = await this.sites.find(siteAddress);
    const data = { address, name, definition: definitionOf(definition) };
    await this.confirmDarkness(site, data.definition, confirmation);
    return this.toView(site, await this.programs.create(site, data, this.history.author(user, comment)));
  }

  async update(
    siteAddress: string,
    address: string,
    { name, comment, ...definition }: z.infer<typeof updateProgram>,
    { expected, user, confirmation }: Change,
  ): Promise<ProgramView> {
    const site = await this.sites.find(siteAddress);
    const given = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined));
    const author = this.history.author(user, comment);
    if (Object.keys(given).length > 0) {
      const { definition: before } = await this.programs.get(site, address);
      await this.confirmDarkness(site, { ...before, ...given }, confirmation);
    }
    return this.toView(site, await this.programs.update(site, address, { name, definition: given }, expected, author));
  }

  async remove(site: string, address: string, expected: ExpectedVersion, user: string | undefined): Promise<void> {
    await this.programs.remove(await this.sites.find(site), address, expected, this.history.author(user));
  }

  /** A program that leaves a whole night dark is hardly meant. */
  private async confirmDarkness(site: Site, program: Definition, confirmation: AskedTwice): Promise<void> {
    const [first, ...others] = this.reviews.unlitNights(program, site);
    if (first === undefined) return;
    const nights =
      others.length === 0
        ? `the night of ${first}`
        : `${others.length + 1} nights of the coming year, the first that of ${first},`;
    const what = `With this program lamps are not lit at all between civil dusk and civil dawn in ${nights} where it holds`;
    await this.confirmations.heeding(confirmation, (confirm) => confirm(this.pool, what));
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
