import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { knownSites, type Principal } from '#libs/identity';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { CurrentPrincipal } from '../access/principal.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { sitePath } from '../http/path.schema.js';
import { createSite, sitePage, siteView, updateSite } from './site.schema.js';
import { SitesService } from './sites.service.js';

@ApiTags('sites')
@Controller('sites')
export class SitesController {
  constructor(private readonly sites: SitesService) {}

  @Get()
  @Access('lighting.read', 'anywhere')
  @Describe({ summary: 'List the sites that you have to do with', answer: sitePage })
  listSites(@Query({ schema: pageQuery }) query: PageQuery, @CurrentPrincipal() principal: Principal) {
    return this.sites.list(query, knownSites(principal));
  }

  @Post()
  @Access('inventory.write', 'everywhere')
  @Describe({ summary: 'Create a site', status: 201, answer: siteView, refuses: [409, 422], etag: true })
  createSite(@Body({ schema: createSite }) body: z.infer<typeof createSite>) {
    return this.sites.create(body);
  }

  @Get(':site')
  @Access('lighting.read', 'inSite')
  @Describe({ summary: 'Read a site', answer: siteView, refuses: [404], etag: true })
  getSite(@Param('site', { schema: sitePath }) site: string) {
    return this.sites.get(site);
  }

  @Patch(':site')
  @Access('inventory.write')
  @Describe({ summary: 'Change a site', answer: siteView, refuses: [404, 422], etag: true, ifMatch: true })
  updateSite(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: updateSite }) body: z.infer<typeof updateSite>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.sites.update(site, body, expected);
  }

  @Delete(':site')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({
    summary: 'Delete a site',
    description: 'Only an empty site can be deleted: history is never thrown away.',
    status: 204,
    refuses: [404, 409],
    ifMatch: true,
  })
  deleteSite(@Param('site', { schema: sitePath }) site: string, @IfMatch() expected: ExpectedVersion) {
    return this.sites.remove(site, expected);
  }
}
