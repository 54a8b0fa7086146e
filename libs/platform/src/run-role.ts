import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigError, loadConfig } from '#libs/config';
import { Logger } from 'nestjs-pino';
import { exitOnEarlySignal } from './early-signal.js';
import { OperationsServer } from './operations-server.js';
import { PlatformModule } from './platform.module.js';

/** Runs a role without an API as a process: until SIGTERM or SIGINT, when it finishes what it has begun. */
export async function runRole(role: Type): Promise<void> {
  const started = exitOnEarlySignal();
  try {
    const config = loadConfig(process.env);
    @Module({ imports: [PlatformModule.forRoot(config), role], providers: [OperationsServer] })
    class RoleProcess {}
    const app = await NestFactory.createApplicationContext(RoleProcess, { bufferLogs: true });
    app.useLogger(app.get(Logger));
    // Exit code 0: a signal that Nest raises again would look like a crash to whoever watches the process.
    app.enableShutdownHooks(undefined, { useProcessExit: true });
    started();
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(1);
  }
}
