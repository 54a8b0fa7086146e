import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { groupPath, lampPath, sitePath } from '../http/path.schema.js';
import { changeGroupLamps, createGroup, groupLampsChanged, groupPage, groupView, updateGroup } from './group.schema.js';
import { GroupsService } from './groups.service.js';

@ApiTags('groups')
@Controller('sites/:site/groups')
export class GroupsController {
  constructor(private readonly groups: GroupsService) {}

  @Get()
  @Access('lighting.read')
  @Describe({ summary: 'List the groups of a site', answer: groupPage, refuses: [404] })
  listGroups(@Param('site', { schema: sitePath }) site: string, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.groups.list(site, query);
  }

  @Post()
  @Access('inventory.write')
  @Describe({ summary: 'Create a group', status: 201, answer: groupView, refuses: [404, 409], etag: true })
  createGroup(
    @Param('site', { schema: sitePath }) site: string,
    @Body({ schema: createGroup }) body: z.infer<typeof createGroup>,
  ) {
    return this.groups.create(site, body);
  }

  @Get(':group')
  @Access('lighting.read', 'group')
  @Describe({ summary: 'Read a group', answer: groupView, refuses: [404], etag: true })
  getGroup(@Param('site', { schema: sitePath }) site: string, @Param('group', { schema: groupPath }) group: string) {
    return this.groups.get(site, group);
  }

  @Patch(':group')
  @Access('inventory.write')
  @Describe({ summary: 'Change a group', answer: groupView, refuses: [404], etag: true, ifMatch: true })
  updateGroup(
    @Param('site', { schema: sitePath }) site: string,
    @Param('group', { schema: groupPath }) group: string,
    @Body({ schema: updateGroup }) body: z.infer<typeof updateGroup>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.groups.update(site, group, body, expected);
  }

  @Delete(':group')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({ summary: 'Delete a group; its lamps stay', status: 204, refuses: [404], ifMatch: true })
  deleteGroup(
    @Param('site', { schema: sitePath }) site: string,
    @Param('group', { schema: groupPath }) group: string,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.groups.remove(site, group, expected);
  }

  @Post(':group/lamps')
  @Access('inventory.write')
  @HttpCode(200)
  @Describe({ summary: 'Put lamps into a group and take lamps out', answer: groupLampsChanged, refuses: [404, 422] })
  changeGroupLamps(
    @Param('site', { schema: sitePath }) site: string,
    @Param('group', { schema: groupPath }) group: string,
    @Body({ schema: changeGroupLamps }) body: z.infer<typeof changeGroupLamps>,
  ) {
    return this.groups.changeLamps(site, group, body.add, body.remove);
  }

  @Put(':group/lamps/:lamp')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({ summary: 'Put a lamp into a group', status: 204, refuses: [404] })
  addLampToGroup(
    @Param('site', { schema: sitePath }) site: string,
    @Param('group', { schema: groupPath }) group: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
  ) {
    return this.groups.changeLamp(site, group, lamp, true);
  }

  @Delete(':group/lamps/:lamp')
  @Access('inventory.write')
  @HttpCode(204)
  @Describe({ summary: 'Take a lamp out of a group', status: 204, refuses: [404] })
  removeLampFromGroup(
    @Param('site', { schema: sitePath }) site: string,
    @Param('group', { schema: groupPath }) group: string,
    @Param('lamp', { schema: lampPath }) lamp: string,
  ) {
    return this.groups.changeLamp(site, group, lamp, false);
  }
}
