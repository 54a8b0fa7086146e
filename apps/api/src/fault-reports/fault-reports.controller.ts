import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { sitePath } from '../http/path.schema.js';
import {
  availabilityQuery,
  availabilityView,
  dayBurnersQuery,
  dayBurnersView,
  lifeQuery,
  lifeView,
  responseQuery,
  responseView,
} from './fault-report.schema.js';
import { FaultReportsService } from './fault-reports.service.js';
import { sendReport } from './report-csv.js';

const columnsOf = ({
  shape,
}: typeof availabilityView | typeof lifeView | typeof dayBurnersView | typeof responseView) =>
  Object.keys(shape.rows.element.shape);
const CSV = 'In CSV, texts that a spreadsheet would run as a formula have an apostrophe before them.';

@ApiTags('fault reports')
@Controller('sites/:site/reports')
export class FaultReportsController {
  constructor(private readonly reports: FaultReportsService) {}

  @Get('availability')
  @Access('lighting.read')
  @Describe({
    summary: 'How much of the time the lamps did their work',
    description:
      'A lamp is not available while a lampFailure, supplyLoss or communicationFailure is open for it or its device, or a ' +
      'circuitOutage or cabinetOutage for what feeds it. Faults that come back count while they are there, not in between. A ' +
      `platformOutage is not the lamps’ fault and does not count. Lamps count from when they stand in the inventory. ${CSV}`,
    answer: availabilityView,
    refuses: [404, 422],
  })
  async getAvailability(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: availabilityQuery }) query: z.infer<typeof availabilityQuery>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const report = await this.reports.availability(site, query);
    return sendReport(response, query.format, report, 'availability', columnsOf(availabilityView));
  }

  @Get('life')
  @Access('lighting.read')
  @Describe({
    summary: 'Burning hours against rated life, and the lamps that are due for replacement',
    description: `A controller that was replaced counts from 0 again: its lamp is older than it says. ${CSV}`,
    answer: lifeView,
    refuses: [404],
  })
  async getLife(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: lifeQuery }) query: z.infer<typeof lifeQuery>,
    @Res({ passthrough: true }) response: Response,
  ) {
    return sendReport(response, query.format, await this.reports.life(site, query), 'life', columnsOf(lifeView));
  }

  @Get('day-burners')
  @Access('lighting.read')
  @Describe({
    summary: 'The energy of lamps that burnt when they should not',
    description:
      'What lamps drew while a lampUnexpectedOn or relayFailure was open. Such a fault stays open over the night, when the lamp may ' +
      `burn: \`wastedKwh\` is the part with the sun up. Energy is known by the hour; parts of an hour count by their length. ${CSV}`,
    answer: dayBurnersView,
    refuses: [404, 422],
  })
  async getDayBurners(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: dayBurnersQuery }) query: z.infer<typeof dayBurnersQuery>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const report = await this.reports.dayBurners(site, query);
    return sendReport(response, query.format, report, 'day-burners', columnsOf(dayBurnersView));
  }

  @Get('response')
  @Access('lighting.read')
  @Describe({
    summary: 'How fast crews acknowledge and repair',
    description:
      'Of the faults that opened in the period. Acknowledged: by the first who did. Repaired: not seen any more, whoever said what. ' +
      `Parts of wider faults are left out: nobody is told of them. ${CSV}`,
    answer: responseView,
    refuses: [404, 422],
  })
  async getResponse(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: responseQuery }) query: z.infer<typeof responseQuery>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const report = await this.reports.response(site, query);
    return sendReport(response, query.format, report, 'response', columnsOf(responseView));
  }
}
