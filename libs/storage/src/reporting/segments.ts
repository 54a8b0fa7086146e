import type { PoolClient } from '../pool.js';

/** Makes sure that every lamp of a site belongs to a segment: see `lamp_segment`. */
export async function completeSegments(client: Pick<PoolClient, 'query'>, siteId: number): Promise<void> {
  await client.query(
    `INSERT INTO lamp_segment (site_id, cabinet_id, lamp_type_id, group_ids)
     SELECT DISTINCT key.site_id, key.cabinet_id, key.lamp_type_id, key.group_ids FROM lamp_segment_key AS key
     WHERE key.site_id = $1 AND NOT EXISTS (SELECT FROM lamp_in_segment AS known WHERE known.lamp_id = key.lamp_id)
     ON CONFLICT DO NOTHING`,
    [siteId],
  );
}
