/** Writes docs/api/openapi.json: `npm run generate`. Needs no database: nothing is asked of one. */
import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createMetricsRegistry, Readiness } from '#libs/observability';
import { systemClock } from '#libs/kernel';
import { CAPABILITY, CLOCK, CONFIG, METRICS, POOL } from '#libs/platform';
import { DataSource } from 'typeorm';
import { ApiModule } from './api.module.js';
import { configureApi } from './configure-api.js';
import { createDocument } from './openapi/document.js';

const FILE = 'docs/api/openapi.json';
const provided = [
  { provide: CONFIG, useValue: {} },
  { provide: CLOCK, useValue: systemClock },
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
mkdirSync('docs/api', { recursive: true });
writeFileSync(FILE, `${JSON.stringify(createDocument(app), null, 2)}\n`);
console.log(`wrote ${FILE}`);
await app.close();
process.exit(0);
