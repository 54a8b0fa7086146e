import {
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SITE, TIMESCALE } from './query.js';

const ALL = { text: ['All'], value: ['$__all'] };

function variable(name: string, label: string, sql: string) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(TIMESCALE)
    .query(sql)
    .definition(sql)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.NaturalAsc);
}

/** One site: a city has its own clocks, currency and tariffs. */
export const siteVariable = () =>
  variable('site', 'Site', 'SELECT name AS __text, site AS __value FROM dashboard.site ORDER BY name').multi(false);

/** Cabinets and groups, several or all. */
export const cabinetVariable = () =>
  variable('cabinet', 'Cabinet', `SELECT cabinet FROM dashboard.cabinet WHERE ${SITE} ORDER BY cabinet`)
    .multi(true)
    .includeAll(true)
    .current(ALL);
export const groupVariable = () =>
  variable('group', 'Group', `SELECT lamp_group FROM dashboard.lamp_group WHERE ${SITE} ORDER BY lamp_group`)
    .multi(true)
    .includeAll(true)
    .current(ALL);

/** The address of one lamp: typed, or brought by a link. A list of 50,000 would be none. */
export const lampVariable = () =>
  new TextBoxVariableBuilder('lamp').label('Lamp').description('Address of the lamp, such as BT-0001');
