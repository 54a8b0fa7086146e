import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Environment } from '#libs/config';
import { systemClock, type Clock } from '#libs/kernel';
import { correlationId, createMetricsRegistry, loggedRequest, loggerOptions, Readiness } from '#libs/observability';
import { createPool, dataSourceOptions, migrate, type DatabaseCapability, type Pool } from '#libs/storage';
import { LoggerModule } from 'nestjs-pino';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CAPABILITY, CLOCK, CONFIG, METRICS, POOL, WALL_CLOCK } from './tokens.js';

class PoolCloser implements OnApplicationShutdown {
  constructor(private readonly pool: Pool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

/** What every process needs: its configuration, clock, logger, metrics and the migrated database. Global. */
@Global()
@Module({})
export class PlatformModule {
  /** `clock` is the machine's unless a simulated, faster city or a test brings another; `wallClock` unless a test does. */
  static forRoot(config: Environment, clock: Clock = systemClock, wallClock: Clock = systemClock): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        LoggerModule.forRoot({
          pinoHttp: {
            ...loggerOptions({ level: config.FELINAR_LOG_LEVEL, pretty: config.FELINAR_LOG_PRETTY }),
            serializers: { req: loggedRequest },
            genReqId: correlationId,
            customAttributeKeys: { reqId: 'correlationId' },
            autoLogging: { ignore: (req) => /^\/(health|metrics)/.test(req.url ?? '') },
          },
        }),
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            ...dataSourceOptions(config.FELINAR_DATABASE_URL),
            retryAttempts: 10,
            retryDelay: 1000,
          }),
        }),
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useValue: clock },
        { provide: WALL_CLOCK, useValue: wallClock },
        { provide: METRICS, useFactory: createMetricsRegistry },
        { provide: Readiness, useFactory: () => new Readiness() },
        { provide: POOL, useFactory: () => createPool(config.FELINAR_DATABASE_URL, 10) },
        { provide: PoolCloser, useFactory: (pool: Pool) => new PoolCloser(pool), inject: [POOL] },
        {
          provide: CAPABILITY,
          useFactory: (dataSource: DataSource): Promise<DatabaseCapability> => migrate(dataSource),
          inject: [DataSource],
        },
      ],
      exports: [CONFIG, CLOCK, WALL_CLOCK, METRICS, POOL, CAPABILITY, Readiness],
    };
  }
}
