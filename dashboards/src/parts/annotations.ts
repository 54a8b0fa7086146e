import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SITE, table, TIMESCALE, words } from './query.js';

function annotation(name: string, color: string, sql: string) {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(TIMESCALE)
    .enable(true)
    .iconColor(color)
    .target(table(sql, 'Anno'));
}

/** Sunset and sunrise of the nights in the time range. */
export const sunAnnotation = () =>
  annotation(
    'Sun',
    'orange',
    `
      SELECT event.at AS time, event.name AS text, 'sun' AS tags
      FROM dashboard.night CROSS JOIN LATERAL (VALUES (sunset, 'sunset'), (sunrise, 'sunrise')) AS event (at, name)
      WHERE ${SITE} AND $__timeFilter(event.at) ORDER BY 1`,
  );

/** What has become of the faults of the lamp, and of the device, circuit and cabinet that it hangs on. */
export const lampFaultAnnotation = () =>
  annotation(
    'Faults',
    'red',
    `
      SELECT event.at AS time, ${words('event.kind')} || ' ' || event.event || ' (' || event.severity || ')' AS text, event.severity AS tags
      FROM dashboard.fault_event AS event JOIN dashboard.lamp AS own ON own.site = event.site
      WHERE own.${SITE} AND own.lamp = \${lamp:sqlstring} AND $__timeFilter(event.at)
        AND (event.lamp = own.lamp OR event.lamp IS NULL AND event.device = own.device
          OR event.lamp IS NULL AND event.device IS NULL AND event.cabinet = own.cabinet) ORDER BY 1`,
  );

/** Commands to the lamp. */
export const lampCommandAnnotation = () =>
  annotation(
    'Commands',
    'blue',
    `
      SELECT created_at AS time, kind || coalesce(' ' || level_percent || ' %', '') || ', ' || state || coalesce(', ' || reason, '') AS text,
        coalesce(created_by, '') AS tags
      FROM dashboard.command WHERE ${SITE} AND lamp = \${lamp:sqlstring} AND $__timeFilter(created_at) ORDER BY 1`,
  );
