import { Module, type DynamicModule } from '@nestjs/common';
import { ApiModule } from '#apps/api';
import { ControlModule } from '#apps/control';
import { IngestModule } from '#apps/ingest';
import { MonitorModule } from '#apps/monitor';
import type { Environment } from '#libs/config';
import type { Clock } from '#libs/kernel';
import { PlatformModule } from '#libs/platform';

/** Every role in one process. */
@Module({})
export class StandaloneModule {
  static with(config: Environment, clock: Clock): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [PlatformModule.forRoot(config, clock), ApiModule, IngestModule, ControlModule, MonitorModule],
    };
  }
}
