import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Where each dashboard is found: /d/{uid}. */
export const UIDS = {
  city: 'felinar-city',
  energy: 'felinar-energy',
  lighting: 'felinar-lighting',
  faults: 'felinar-faults',
  lamp: 'felinar-lamp',
  platform: 'felinar-platform',
} as const;

/** What all dashboards have in common: links to each other that keep variables and time. */
export function frame(
  uid: string,
  title: string,
  description: string,
  time: { readonly from: string; readonly to: string },
): DashboardBuilder {
  return new DashboardBuilder(`Felinar: ${title}`)
    .uid(uid)
    .description(description)
    .tags(['felinar'])
    .timezone('browser')
    .weekStart('monday')
    .time(time)
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .link(
      new DashboardLinkBuilder('Felinar')
        .type(DashboardLinkType.Dashboards)
        .tags(['felinar'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true)
        .icon('external link'),
    );
}

/** A dashboard and the file it is written to. */
export interface DashboardFile {
  readonly name: string;
  readonly dashboard: Dashboard;
}
