import { Module } from '@nestjs/common';
import { IngestService } from './ingest.service.js';

/** MQTT -> validated rows. Needs the global PlatformModule. */
@Module({ providers: [IngestService], exports: [IngestService] })
export class IngestModule {}
