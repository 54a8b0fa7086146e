import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ConfigError, loadConfig, type Environment } from '#libs/config';
import { systemClock } from '#libs/kernel';
import { exitOnEarlySignal, PlatformModule, POOL } from '#libs/platform';
import type { Pool } from '#libs/storage';
import { Logger } from 'nestjs-pino';
import { ApiModule } from './api.module.js';
import { configureApi } from './configure-api.js';
import { firstAdministrator, introduce } from './identity/first-administrator.js';

async function start(config: Environment): Promise<void> {
  const started = exitOnEarlySignal();
  @Module({ imports: [PlatformModule.forRoot(config), ApiModule] })
  class ApiProcess {}
  const app = await NestFactory.create<NestExpressApplication>(ApiProcess, { bufferLogs: true });
  app.useLogger(app.get(Logger));
  configureApi(app);
  // Exit code 0: a signal that Nest raises again would look like a crash to whoever watches the process.
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  started();
  await app.init();
  const newcomer = await firstAdministrator(app.get<Pool>(POOL), systemClock.nowMs());
  // Not through the logger: logs are kept and shipped.
  if (newcomer !== undefined)
    console.log(introduce(newcomer, 'Felinar has its first user, who may manage everything.'));
  await app.listen(config.FELINAR_HTTP_PORT, config.FELINAR_HTTP_HOST);
  app.get(Logger).log(`API and its documentation at ${await app.getUrl()}/docs`);
}

try {
  await start(loadConfig(process.env));
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
}
