import { NestFactory } from '@nestjs/core';
import { loadConfig } from '#libs/config';
import { PlatformModule } from '#libs/platform';
import { Logger } from 'nestjs-pino';
import { IngestModule } from './ingest.module.js';

const config = loadConfig(process.env);
const app = await NestFactory.createApplicationContext(
  { module: class IngestProcess {}, imports: [PlatformModule.forRoot(config), IngestModule] },
  { bufferLogs: true },
);
app.useLogger(app.get(Logger));
app.enableShutdownHooks();
