import { Controller, Get, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { auditPage, auditQuery, type AuditQuery } from './audit.schema.js';
import { AuditService } from './audit.service.js';

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Access('audit.read', 'siteInQuery')
  @Describe({
    summary: 'See who changed what, when and from where, the latest first',
    description:
      'Written by the database in the transaction of the change; nothing in it can be changed. What devices report is not in it, nor what ' +
      'Felinar makes of that. In CSV, texts that a spreadsheet would run as a formula have an apostrophe before them.',
    answer: auditPage,
    refuses: [404, 422],
  })
  async listAudit(@Query({ schema: auditQuery }) query: AuditQuery, @Res({ passthrough: true }) response: Response) {
    if (query.format === 'json') return this.audit.list(query);
    const pieces = await this.audit.csv(query);
    response.setHeader('cache-control', 'no-store');
    return new StreamableFile(Readable.from(pieces), {
      type: 'text/csv; charset=utf-8',
      disposition: `attachment; filename="${query.site ?? 'all'}-audit.csv"`,
    });
  }
}
