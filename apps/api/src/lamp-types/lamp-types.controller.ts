import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ExpectedVersion } from '#libs/storage';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { pageQuery, type PageQuery } from '../http/cursor.js';
import { IfMatch } from '../http/if-match.js';
import { lampTypePath } from '../http/path.schema.js';
import { createLampType, lampTypePage, lampTypeView, updateLampType } from './lamp-type.schema.js';
import { LampTypesService } from './lamp-types.service.js';

@ApiTags('lamp types')
@Controller('lamp-types')
export class LampTypesController {
  constructor(private readonly lampTypes: LampTypesService) {}

  @Get()
  @Access('lighting.read', 'anywhere')
  @Describe({ summary: 'List the lamp types', answer: lampTypePage })
  listLampTypes(@Query({ schema: pageQuery }) query: PageQuery) {
    return this.lampTypes.list(query);
  }

  @Post()
  @Access('inventory.write', 'everywhere')
  @Describe({ summary: 'Create a lamp type', status: 201, answer: lampTypeView, refuses: [409], etag: true })
  createLampType(@Body({ schema: createLampType }) body: z.infer<typeof createLampType>) {
    return this.lampTypes.create(body);
  }

  @Get(':lampType')
  @Access('lighting.read', 'anywhere')
  @Describe({ summary: 'Read a lamp type', answer: lampTypeView, refuses: [404], etag: true })
  getLampType(@Param('lampType', { schema: lampTypePath }) code: string) {
    return this.lampTypes.get(code);
  }

  @Patch(':lampType')
  @Access('inventory.write', 'everywhere')
  @Describe({ summary: 'Change a lamp type', answer: lampTypeView, refuses: [404], etag: true, ifMatch: true })
  updateLampType(
    @Param('lampType', { schema: lampTypePath }) code: string,
    @Body({ schema: updateLampType }) body: z.infer<typeof updateLampType>,
    @IfMatch() expected: ExpectedVersion,
  ) {
    return this.lampTypes.update(code, body, expected);
  }

  @Delete(':lampType')
  @Access('inventory.write', 'everywhere')
  @HttpCode(204)
  @Describe({ summary: 'Delete a lamp type that no lamp has', status: 204, refuses: [404, 409], ifMatch: true })
  deleteLampType(@Param('lampType', { schema: lampTypePath }) code: string, @IfMatch() expected: ExpectedVersion) {
    return this.lampTypes.remove(code, expected);
  }
}
