import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AnswersService } from './answers/answers.service.js';
import { BrokerAccessService } from './broker/broker-access.service.js';
import { CommandPlanningService } from './commands/command-planning.service.js';
import { DispatchService } from './commands/dispatch.service.js';
import { ControlMetrics } from './control-metrics.js';
import { DistributionService } from './distribution/distribution.service.js';
import { PublisherCloser, publisherProvider } from './publisher.provider.js';

/** Programs to devices, commands to lamps, and both followed until they show. Needs the global PlatformModule. */
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [
    ControlMetrics,
    publisherProvider,
    PublisherCloser,
    AnswersService,
    DistributionService,
    CommandPlanningService,
    DispatchService,
    BrokerAccessService,
  ],
  exports: [AnswersService],
})
export class ControlModule {}
