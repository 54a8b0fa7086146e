import type { Pool } from '../pool.js';
import { instant, lampsOf, severityRank } from './alert-sql.js';

const AT_ONCE = 500;

/**
 * Writes an alert for every fault that has stood open and unacknowledged for longer than a channel lets it, with its history: once for
 * each time it opened, and for each channel that waits for it. Says how many.
 */
export async function escalateUnacknowledged(pool: Pool, nowMs: number): Promise<number> {
  const escalated = await pool.query(
    `WITH due AS (
       SELECT f.id AS fault_id, f.site_id, c.id AS channel_id, cause.id AS cause_id, crew.name AS crew,
         (c.escalation_after_min ->> f.severity)::int AS after_min
       FROM crew_channel AS c JOIN crew ON crew.id = c.crew_id JOIN fault AS f ON f.site_id = c.site_id
       JOIN LATERAL (SELECT id, created_at FROM alert WHERE fault_id = f.id AND event IN ('opened', 'reopened')
         ORDER BY id DESC LIMIT 1) AS cause ON true
       WHERE c.escalation_after_min ? f.severity AND f.phase = 'open' AND f.acknowledged_at IS NULL AND f.parent_id IS NULL
         AND ${severityRank('f.severity')} >= ${severityRank('c.minimum_severity')}
         AND cause.created_at + make_interval(mins => (c.escalation_after_min ->> f.severity)::int) <= ${instant('$1')}
         AND NOT EXISTS (SELECT FROM alert AS told WHERE told.cause_id = cause.id AND told.channel_id = c.id)
         AND (c.area_kind = 'site' OR f.subject_kind = 'site' OR EXISTS (
           SELECT FROM crew_channel_area AS area WHERE area.channel_id = c.id AND (
             area.cabinet_id = f.cabinet_id
             OR area.cabinet_id IN (SELECT cabinet_id FROM (${lampsOf('f')}) AS lamp)
             OR area.group_id IN (SELECT m.group_id FROM (${lampsOf('f')}) AS lamp
               JOIN lamp_group_member AS m ON m.lamp_id = lamp.id))))
       ORDER BY cause.id LIMIT ${AT_ONCE}
     ), told AS (
       INSERT INTO alert (site_id, fault_id, event, created_at, channel_id, cause_id)
       SELECT site_id, fault_id, 'escalated', ${instant('$1')}, channel_id, cause_id FROM due
       ON CONFLICT DO NOTHING RETURNING fault_id, channel_id
     )
     INSERT INTO fault_history (fault_id, at, event, text)
     SELECT told.fault_id, ${instant('$1')}, 'escalated', 'to ' || due.crew || ': not acknowledged within ' || due.after_min || ' min'
     FROM told JOIN due USING (fault_id, channel_id)`,
    [nowMs],
  );
  return escalated.rowCount ?? 0;
}
