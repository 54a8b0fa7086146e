import { Module, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import {
  AssignmentRepository,
  CabinetRepository,
  CalendarRepository,
  ControlProgramRepository,
  EnergyRepository,
  InventoryImportRepository,
  LampGroupRepository,
  LampRepository,
  LampScheduleRepository,
  LampStateRepository,
  LampTypeRepository,
  RejectedMessageRepository,
  ScheduleChangeRepository,
  SiteRepository,
  TariffRepository,
  TelemetryRepository,
  findCommandBatch,
  type Pool,
} from '#libs/storage';
import { POOL } from '#libs/platform';
import { DataSource } from 'typeorm';
import { AccessCheck } from './access/access-check.js';
import { AccessGuard } from './access/access.guard.js';
import { IdentityGuard } from './access/identity.guard.js';
import { RateGuard } from './access/rate.guard.js';
import { ReachService } from './access/reach.service.js';
import { AcknowledgeController } from './acknowledge/acknowledge.controller.js';
import { AcknowledgeService } from './acknowledge/acknowledge.service.js';
import { AssignmentsController } from './assignments/assignments.controller.js';
import { AssignmentsService } from './assignments/assignments.service.js';
import { CabinetsController } from './cabinets/cabinets.controller.js';
import { CabinetsService } from './cabinets/cabinets.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditService } from './audit/audit.service.js';
import { BatchEventsService } from './command-batches/batch-events.service.js';
import { BatchPolls } from './command-batches/batch-polls.js';
import { CommandBatchesController } from './command-batches/command-batches.controller.js';
import { CommandBatchesService } from './command-batches/command-batches.service.js';
import { CalendarsController } from './calendars/calendars.controller.js';
import { CalendarsService } from './calendars/calendars.service.js';
import { ChannelsController } from './crews/channels.controller.js';
import { ChannelsService } from './crews/channels.service.js';
import { ConfirmationsService } from './confirmation/confirmations.service.js';
import { CrewsController } from './crews/crews.controller.js';
import { CrewsService } from './crews/crews.service.js';
import { DeliveriesController } from './crews/deliveries.controller.js';
import { DeviceCredentialsController } from './device-credentials/device-credentials.controller.js';
import { DeviceCredentialsService } from './device-credentials/device-credentials.service.js';
import { EnergyController } from './energy/energy.controller.js';
import { EnergyService } from './energy/energy.service.js';
import { FaultReportsController } from './fault-reports/fault-reports.controller.js';
import { FaultReportsService } from './fault-reports/fault-reports.service.js';
import { FaultActionsService } from './faults/fault-actions.service.js';
import { FaultsController } from './faults/faults.controller.js';
import { FaultsService } from './faults/faults.service.js';
import { ThresholdsController } from './faults/thresholds.controller.js';
import { ThresholdsService } from './faults/thresholds.service.js';
import { GroupsController } from './groups/groups.controller.js';
import { GroupsService } from './groups/groups.service.js';
import { DatabaseReadiness } from './health/database-readiness.js';
import { HealthController } from './health/health.controller.js';
import { OrderlyClose } from './http/orderly-close.js';
import { ApiKeysService } from './identity/api-keys.service.js';
import { MeController } from './identity/me.controller.js';
import { SessionsController } from './identity/sessions.controller.js';
import { SessionsService } from './identity/sessions.service.js';
import { UsersController } from './identity/users.controller.js';
import { UsersService } from './identity/users.service.js';
import { InventoryController } from './inventory/inventory.controller.js';
import { InventoryService } from './inventory/inventory.service.js';
import { LampLevelsController } from './lamp-levels/lamp-levels.controller.js';
import { LampLevelsService } from './lamp-levels/lamp-levels.service.js';
import { LampSchedulesController } from './lamp-schedules/lamp-schedules.controller.js';
import { LampSchedulesService } from './lamp-schedules/lamp-schedules.service.js';
import { LampStatesController } from './lamp-states/lamp-states.controller.js';
import { LampStatesService } from './lamp-states/lamp-states.service.js';
import { LampTypesController } from './lamp-types/lamp-types.controller.js';
import { LampTypesService } from './lamp-types/lamp-types.service.js';
import { LampsController } from './lamps/lamps.controller.js';
import { LampsService } from './lamps/lamps.service.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { CommandTransactions } from './overrides/command-transactions.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcGuard } from './oidc/oidc.guard.js';
import { OidcProvider } from './oidc/oidc-provider.service.js';
import { OidcService } from './oidc/oidc.service.js';
import { OverridesController } from './overrides/overrides.controller.js';
import { OverridesService } from './overrides/overrides.service.js';
import { HistoryService } from './programs/history.service.js';
import { PreviewController } from './programs/preview.controller.js';
import { PreviewService } from './programs/preview.service.js';
import { ScheduleReviews } from './programs/schedule-reviews.js';
import { ProgramsController } from './programs/programs.controller.js';
import { ProgramsService } from './programs/programs.service.js';
import { RejectedMessagesController } from './rejected-messages/rejected-messages.controller.js';
import { RejectedMessagesService } from './rejected-messages/rejected-messages.service.js';
import { RolloutsController } from './rollouts/rollouts.controller.js';
import { RolloutsService } from './rollouts/rollouts.service.js';
import { SitesController } from './sites/sites.controller.js';
import { SitesService } from './sites/sites.service.js';
import { TariffsController } from './tariffs/tariffs.controller.js';
import { TariffsService } from './tariffs/tariffs.service.js';
import { TelemetryController } from './telemetry/telemetry.controller.js';
import { TelemetryService } from './telemetry/telemetry.service.js';

const repositories: Type[] = [
  AssignmentRepository,
  CabinetRepository,
  CalendarRepository,
  ControlProgramRepository,
  EnergyRepository,
  InventoryImportRepository,
  LampGroupRepository,
  LampRepository,
  LampScheduleRepository,
  LampStateRepository,
  LampTypeRepository,
  RejectedMessageRepository,
  ScheduleChangeRepository,
  SiteRepository,
  TariffRepository,
  TelemetryRepository,
];

/** libs/storage knows nothing of Nest: its repositories are made here. */
const repositoryProviders = repositories.map((repository): Provider => ({
  provide: repository,
  useFactory: (dataSource: DataSource): unknown => new repository(dataSource),
  inject: [DataSource],
}));

const batchPolls: Provider = {
  provide: BatchPolls,
  useFactory: (pool: Pool) => new BatchPolls((siteId, id) => findCommandBatch(pool, siteId, id)),
  inject: [POOL],
};

/** In this order: who asks, how often, and whether they may. */
const guards = [IdentityGuard, RateGuard, AccessGuard].map((guard): Provider => ({
  provide: APP_GUARD,
  useClass: guard,
}));

/** REST and OpenAPI. Expects the global PlatformModule. */
@Module({
  imports: [DiscoveryModule],
  controllers: [
    SessionsController,
    OidcController,
    MeController,
    UsersController,
    AuditController,
    SitesController,
    TariffsController,
    LampTypesController,
    CabinetsController,
    GroupsController,
    LampsController,
    ThresholdsController,
    InventoryController,
    OverridesController,
    CommandBatchesController,
    LampLevelsController,
    RolloutsController,
    FaultsController,
    FaultReportsController,
    PreviewController,
    ProgramsController,
    CalendarsController,
    AssignmentsController,
    LampSchedulesController,
    LampStatesController,
    TelemetryController,
    EnergyController,
    RejectedMessagesController,
    CrewsController,
    ChannelsController,
    DeliveriesController,
    DeviceCredentialsController,
    AcknowledgeController,
    HealthController,
    MetricsController,
  ],
  providers: [
    OrderlyClose,
    ...guards,
    AccessCheck,
    ReachService,
    SessionsService,
    OidcProvider,
    OidcGuard,
    OidcService,
    UsersService,
    ApiKeysService,
    AuditService,
    ConfirmationsService,
    ...repositoryProviders,
    batchPolls,
    SitesService,
    TariffsService,
    LampTypesService,
    CabinetsService,
    GroupsService,
    LampsService,
    ThresholdsService,
    InventoryService,
    CommandTransactions,
    OverridesService,
    CommandBatchesService,
    BatchEventsService,
    LampLevelsService,
    RolloutsService,
    FaultsService,
    FaultActionsService,
    FaultReportsService,
    HistoryService,
    PreviewService,
    ScheduleReviews,
    ProgramsService,
    CalendarsService,
    AssignmentsService,
    LampSchedulesService,
    LampStatesService,
    TelemetryService,
    EnergyService,
    RejectedMessagesService,
    CrewsService,
    ChannelsService,
    DeviceCredentialsService,
    AcknowledgeService,
    DatabaseReadiness,
  ],
})
export class ApiModule {}
