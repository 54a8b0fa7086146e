import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { cabinetPath, groupPath, lampPath, sitePath } from '../http/path.schema.js';
import { energyOfOneQuery, energyQuery, energyView, type EnergyQueryParameters } from './energy.schema.js';
import { EnergyService } from './energy.service.js';

type OneQuery = z.infer<typeof energyOfOneQuery>;

@ApiTags('energy')
@Controller('sites/:site')
export class EnergyController {
  constructor(private readonly energy: EnergyService) {}

  @Get('energy')
  @Access('lighting.read', 'groupQuery')
  @Describe({
    summary: 'Read the energy of a site, its cabinets, groups or lamps',
    description:
      'From the registers of the controllers: the parts of a period add up to the whole, across resets, replaced meters, gaps and ' +
      'late readings. Cost follows the tariff of every hour. Removed lamps count for the time they stood.',
    answer: energyView,
    refuses: [404, 422],
  })
  getEnergy(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: energyQuery }) query: EnergyQueryParameters,
  ) {
    return this.energy.read(site, query);
  }

  @Get('lamps/:lamp/energy')
  @Access('lighting.read', 'lamp')
  @Describe({ summary: 'Read the energy of a lamp', answer: energyView, refuses: [404, 422] })
  getLampEnergy(
    @Param('site', { schema: sitePath }) site: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
    @Query({ schema: energyOfOneQuery }) query: OneQuery,
  ) {
    return this.energy.read(site, { ...query, groupBy: 'lamp', lamp });
  }

  @Get('cabinets/:cabinet/energy')
  @Access('lighting.read')
  @Describe({ summary: 'Read the energy of a cabinet’s lamps', answer: energyView, refuses: [404, 422] })
  getCabinetEnergy(
    @Param('site', { schema: sitePath }) site: string,
    @Param('cabinet', { schema: cabinetPath }) cabinet: string,
    @Query({ schema: energyOfOneQuery }) query: OneQuery,
  ) {
    return this.energy.read(site, { ...query, groupBy: 'cabinet', cabinet });
  }

  @Get('groups/:group/energy')
  @Access('lighting.read', 'group')
  @Describe({ summary: 'Read the energy of a group’s lamps', answer: energyView, refuses: [404, 422] })
  getGroupEnergy(
    @Param('site', { schema: sitePath }) site: string,
    @Param('group', { schema: groupPath }) group: string,
    @Query({ schema: energyOfOneQuery }) query: OneQuery,
  ) {
    // By site: a lamp of the group may be in other groups too, and their rows were not asked for.
    return this.energy.read(site, { ...query, groupBy: 'site', group });
  }
}
