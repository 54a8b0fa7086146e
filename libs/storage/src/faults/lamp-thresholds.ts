import type { Pool } from '../pool.js';

/** Figures of `Thresholds` (libs/faults) that differ from the defaults. */
export type ThresholdsColumn = Readonly<{ [figure: string]: number | undefined }>;

/** What is set somewhere for a lamp. */
export interface LampThresholdSet {
  readonly kind: 'lampType' | 'group' | 'lamp';
  readonly address: string;
  readonly thresholds: ThresholdsColumn;
}

/** The sets that concern a lamp, the weakest first: its type, its groups in the order of their addresses, itself. */
export async function lampThresholdSets(pool: Pick<Pool, 'query'>, lampId: number): Promise<LampThresholdSet[]> {
  const found = await pool.query<LampThresholdSet>(
    `SELECT kind, address, thresholds FROM (
       SELECT 1 AS rank, 'lampType' AS kind, t.code AS address, t.thresholds
         FROM lamp AS l JOIN lamp_type AS t ON t.id = l.lamp_type_id WHERE l.id = $1
       UNION ALL
       SELECT 2, 'group', g.address, g.thresholds
         FROM lamp_group_member AS m JOIN lamp_group AS g ON g.id = m.group_id WHERE m.lamp_id = $1
       UNION ALL
       SELECT 3, 'lamp', l.address, l.thresholds FROM lamp AS l WHERE l.id = $1
     ) AS sets ORDER BY rank, address`,
    [lampId],
  );
  return found.rows;
}
