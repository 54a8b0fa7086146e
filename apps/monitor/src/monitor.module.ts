import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { DetectionService } from './detection/detection.service.js';

/** Faults found and grouped. Needs the global PlatformModule. */
@Module({ imports: [ScheduleModule.forRoot()], providers: [DetectionService], exports: [DetectionService] })
export class MonitorModule {}
