import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';

/** What dashboards/provisioning/datasources makes. */
export const TIMESCALE: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: 'felinar-timescale' };
export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: 'felinar-prometheus' };

export type SqlFormat = 'table' | 'time_series';

/** A query in SQL, as Grafana's PostgreSQL source stores it: the SDK has no builder for it. */
export class SqlQuery implements Builder<Dataquery> {
  constructor(
    private readonly refId: string,
    private readonly format: SqlFormat,
    private readonly rawSql: string,
  ) {}

  build(): Dataquery {
    const { refId, format } = this;
    const rawSql = unindented(this.rawSql);
    const query = { refId, datasource: TIMESCALE, editorMode: 'code', format, rawQuery: true, rawSql };
    return { ...query, _implementsDataqueryVariant: () => undefined };
  }
}

/** Rows for tables, figures and maps. */
export function table(sql: string, refId = 'A'): SqlQuery {
  return new SqlQuery(refId, 'table', sql);
}

/** A column `time` and numbers, in the order of time; a text column `metric` names the series. */
export function series(sql: string, refId = 'A'): SqlQuery {
  return new SqlQuery(refId, 'time_series', sql);
}

/** A query in PromQL over the time range. */
export function promQl(expr: string, legend: string, refId = 'A'): Builder<Dataquery> {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend).range().refId(refId);
}

/** The site that is chosen. */
export const SITE = 'site = ${site:sqlstring}';
/** The cabinet is one of those that are chosen. An array and not IN: without a site there is no cabinet to choose, and `IN ()` is an error. */
const CABINET = 'cabinet = ANY (ARRAY[${cabinet:sqlstring}]::text[])';
/** The lamps, or sums of lamps, that are chosen. */
export const CHOSEN = `${SITE} AND ${CABINET} AND groups && ARRAY[\${group:sqlstring}]::text[]`;
/** The faults that are chosen: those of more than a lamp show whatever group is chosen. */
export const CHOSEN_FAULTS = `${SITE} AND (${CABINET} OR subject_kind = 'site') AND (groups IS NULL OR groups && ARRAY[\${group:sqlstring}]::text[])`;
/** Today, on the clocks of the site: `WITH ${TODAY} SELECT … FROM …, local`. */
export const TODAY = `local AS (SELECT time_zone, (now() AT TIME ZONE time_zone)::date AS today FROM dashboard.site WHERE ${SITE})`;

/** A time of whole intervals, at least as long as `leastS`, on any PostgreSQL. */
export function bucket(column: string, leastS: number): string {
  return `date_bin(make_interval(secs => greatest($__interval_ms / 1000.0, ${leastS})), ${column}, TIMESTAMPTZ '2020-01-01 00:00:00Z')`;
}

/** TALQ's names in words: supplyVoltageTooHigh reads "supply voltage too high". */
export function words(column: string): string {
  return `lower(regexp_replace(${column}, '([A-Z])', ' \\1', 'g'))`;
}

function unindented(text: string): string {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents.slice(lines[0]?.startsWith(' ') ? 0 : 1), Number.POSITIVE_INFINITY);
  return lines.map((line) => line.slice(Math.min(indent, line.search(/\S|$/)))).join('\n');
}
