import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { EnergyBookingService } from './energy-booking.service.js';
import { IngestService } from './ingest.service.js';

/** MQTT -> validated rows -> booked energy. Needs the global PlatformModule. */
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [IngestService, EnergyBookingService],
  exports: [IngestService, EnergyBookingService],
})
export class IngestModule {}
