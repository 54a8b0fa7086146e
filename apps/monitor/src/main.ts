import { NestFactory } from '@nestjs/core';
import { loadConfig } from '#libs/config';
import { PlatformModule } from '#libs/platform';
import { Logger } from 'nestjs-pino';
import { MonitorModule } from './monitor.module.js';

const config = loadConfig(process.env);
const app = await NestFactory.createApplicationContext(
  { module: class MonitorProcess {}, imports: [PlatformModule.forRoot(config), MonitorModule] },
  { bufferLogs: true },
);
app.useLogger(app.get(Logger));
app.enableShutdownHooks();
