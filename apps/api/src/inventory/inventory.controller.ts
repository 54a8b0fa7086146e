import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiConsumes, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { Access } from '../access/access.decorator.js';
import { Describe } from '../http/api-docs.js';
import { sitePath } from '../http/path.schema.js';
import { exportQuery, importQuery, importView } from './inventory.schema.js';
import { InventoryService } from './inventory.service.js';
import { MAX_FILE_BYTES, readUpload, UPLOAD_BODY } from './upload.js';

@ApiTags('inventory')
@Controller('sites/:site/inventory')
export class InventoryController {
  constructor(private readonly inventory: InventoryService) {}

  @Post('import')
  @Access('inventory.write')
  @HttpCode(200)
  @UseInterceptors(
    FileInterceptor('file', { limits: { fileSize: MAX_FILE_BYTES, files: 1, fields: 5, fieldSize: 20_000, parts: 8 } }),
  )
  @ApiConsumes('multipart/form-data', 'text/csv', 'application/geo+json')
  @Describe({
    summary: 'Import the lamp inventory from CSV or GeoJSON',
    description:
      'The file is taken as a whole or not at all. Lamps are matched by address: new ones are created, those that differ are ' +
      'updated in the columns which the file carries, lamps that it does not name stay. Importing the same file again changes ' +
      'nothing. Cabinets and groups that do not exist are created; lamp types only when the file carries ratedPowerW. ' +
      'When something is wrong the answer is 422 with every finding: line, column, value and what to do.',
    body: UPLOAD_BODY,
    answer: importView,
    refuses: [404, 413, 422],
  })
  importInventory(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: importQuery }) query: z.infer<typeof importQuery>,
    @UploadedFile() file: { readonly buffer: Uint8Array } | undefined,
    @Body() body: unknown,
  ) {
    const { bytes, mapping } = readUpload(file, body, query.mapping);
    return this.inventory.import(site, bytes, mapping, query.dryRun ?? false);
  }

  @Get('export')
  @Access('lighting.read')
  @ApiProduces('text/csv', 'application/geo+json')
  @Describe({
    summary: 'Export the lamp inventory',
    description:
      'All lamps in service. The file can be imported again as it is. In CSV, texts that a spreadsheet would run as a formula ' +
      'have an apostrophe before them, which the import takes off again.',
    refuses: [404],
    answers: 'The file',
  })
  async exportInventory(
    @Param('site', { schema: sitePath }) site: string,
    @Query({ schema: exportQuery }) query: z.infer<typeof exportQuery>,
  ): Promise<StreamableFile> {
    const pieces = await this.inventory.export(site, query.format);
    return new StreamableFile(Readable.from(encoded(pieces)), {
      type: query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/geo+json',
      disposition: `attachment; filename="${site}-lamps.${query.format}"`,
    });
  }
}

async function* encoded(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}
