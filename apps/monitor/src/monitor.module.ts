import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ALERTS_PROVIDERS } from './alerts/index.js';
import { HousekeepingService } from './housekeeping.service.js';
import { DetectionService } from './detection/detection.service.js';
import { ReportingService } from './reporting/reporting.service.js';

/** Faults found, grouped, and told to the crews that can mend them; sums for dashboards. Needs the global PlatformModule. */
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [DetectionService, HousekeepingService, ReportingService, ...ALERTS_PROVIDERS],
  exports: [DetectionService],
})
export class MonitorModule {}
