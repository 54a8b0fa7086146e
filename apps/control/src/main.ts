import { NestFactory } from '@nestjs/core';
import { loadConfig } from '#libs/config';
import { PlatformModule } from '#libs/platform';
import { Logger } from 'nestjs-pino';
import { ControlModule } from './control.module.js';

const config = loadConfig(process.env);
const app = await NestFactory.createApplicationContext(
  { module: class ControlProcess {}, imports: [PlatformModule.forRoot(config), ControlModule] },
  { bufferLogs: true },
);
app.useLogger(app.get(Logger));
app.enableShutdownHooks();
