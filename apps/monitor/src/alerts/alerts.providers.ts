import type { Provider } from '@nestjs/common';
import { AlertMetrics } from './alert-metrics.js';
import { AlertsService } from './alerts.service.js';

/** For the module of monitor. They need the global PlatformModule and ScheduleModule.forRoot(). */
export const ALERTS_PROVIDERS: Provider[] = [AlertMetrics, AlertsService];
