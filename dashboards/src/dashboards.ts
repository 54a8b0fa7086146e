import type { DashboardFile } from './parts/frame.js';
import { laidOut } from './parts/layout.js';
import { cityDashboard } from './dashboards/city.dashboard.js';
import { energyDashboard } from './dashboards/energy.dashboard.js';
import { faultsDashboard } from './dashboards/faults.dashboard.js';
import { lampDashboard } from './dashboards/lamp.dashboard.js';
import { lightingDashboard } from './dashboards/lighting.dashboard.js';
import { platformDashboard } from './dashboards/platform.dashboard.js';

/** Every dashboard with the name of its file, in the order in which people meet them. */
export function dashboardFiles(): DashboardFile[] {
  return [
    { name: 'city', dashboard: cityDashboard() },
    { name: 'energy', dashboard: energyDashboard() },
    { name: 'lighting', dashboard: lightingDashboard() },
    { name: 'faults', dashboard: faultsDashboard() },
    { name: 'lamp', dashboard: lampDashboard() },
    { name: 'platform', dashboard: platformDashboard() },
  ];
}

/** A dashboard as it is committed. */
export function dashboardJson({ dashboard }: DashboardFile): string {
  return `${JSON.stringify(laidOut(dashboard), null, 2)}\n`;
}
