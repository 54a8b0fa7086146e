import type { DashboardFile } from './parts/frame.js';
import { cityDashboard } from './dashboards/city.dashboard.js';
import { energyDashboard } from './dashboards/energy.dashboard.js';

/** Every dashboard with the name of its file, in the order in which people meet them. */
export function dashboardFiles(): DashboardFile[] {
  return [
    { name: 'city', dashboard: cityDashboard() },
    { name: 'energy', dashboard: energyDashboard() },
  ];
}

/** A dashboard as it is committed. */
export function dashboardJson({ dashboard }: DashboardFile): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
