/** Writes docs/api/openapi.json and docs/security/access.md: `npm run generate`. Needs no database: nothing is asked of one. */
import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createMetricsRegistry, Readiness } from '#libs/observability';
import { systemClock } from '#libs/kernel';
import { CAPABILITY, CLOCK, CONFIG, METRICS, POOL, WALL_CLOCK } from '#libs/platform';
import { DataSource } from 'typeorm';
import { AccessCheck } from './access/access-check.js';
import { accessPage } from './access/access-table.js';
import { ApiModule } from './api.module.js';
import { configureApi } from './configure-api.js';
import { createDocument } from './openapi/document.js';

const provided = [
  { provide: CONFIG, useValue: {} },
  { provide: CLOCK, useValue: systemClock },
  { provide: WALL_CLOCK, useValue: systemClock },
  { provide: METRICS, useFactory: createMetricsRegistry },
  { provide: POOL, useValue: {} },
  { provide: CAPABILITY, useValue: 'postgres' },
  { provide: DataSource, useValue: { migrations: [] } },
  { provide: Readiness, useValue: new Readiness() },
];

@Module({ providers: provided, exports: provided })
class NothingBehind {}

const app = await NestFactory.create<NestExpressApplication>(
  { module: class DocumentedApi {}, imports: [{ module: NothingBehind, global: true }, ApiModule] },
  { logger: ['error'] },
);
configureApi(app);
await app.init();
write('docs/api/openapi.json', `${JSON.stringify(createDocument(app), null, 2)}\n`);
write('docs/security/access.md', accessPage(app.get(AccessCheck).routes()));
await app.close();
process.exit(0);

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${file}`);
}
