import type { Pool } from '../pool.js';

/** A site and a period, whose end is exclusive. */
export interface ReportPeriod {
  readonly siteId: number;
  readonly from: Date;
  readonly to: Date;
}

/** A span of time with a name, such as a month. */
export interface ReportBucket {
  readonly key: string;
  readonly from: Date;
  readonly to: Date;
}

/** Kinds in which a lamp does not do its work, or nobody knows whether it does. */
export const UNAVAILABLE_KINDS = [
  'lampFailure',
  'supplyLoss',
  'communicationFailure',
  'circuitOutage',
  'cabinetOutage',
] as const;

/** When faults of some kinds ($4) of a site ($1) were there, within a period ($2, $3): from the history, so without the breaks. */
const FAULT_TIME = `
  fault_time AS (
    SELECT f.id, f.kind, f.subject_kind, f.lamp_id, f.device, f.cabinet_id, f.circuit,
      turn.during * tstzrange($2::timestamptz, $3::timestamptz) AS during
    FROM fault AS f JOIN (
      SELECT h.fault_id, h.event, tstzrange(h.at, lead(h.at) OVER (PARTITION BY h.fault_id ORDER BY h.at, h.id)) AS during
      FROM fault_history AS h JOIN fault ON fault.id = h.fault_id
      WHERE fault.site_id = $1 AND fault.kind = ANY($4::text[]) AND h.event IN ('opened', 'reopened', 'cleared', 'closed')
    ) AS turn ON turn.fault_id = f.id
    WHERE turn.event IN ('opened', 'reopened') AND turn.during && tstzrange($2::timestamptz, $3::timestamptz)
  )`;

/** The length of a multirange of instants, s. */
const seconds = (spans: string) =>
  `(SELECT coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)::float8 FROM unnest(${spans}) AS span)`;

const AVAILABILITY_KEYS = {
  site: { key: 'bucket.key', join: '' },
  month: { key: 'bucket.key', join: '' },
  lampType: { key: 'lamp_type.code', join: 'JOIN lamp_type ON lamp_type.id = l.lamp_type_id' },
  group: {
    key: 'lamp_group.address',
    join: `JOIN lamp_group_member AS member ON member.lamp_id = l.id JOIN lamp_group ON lamp_group.id = member.group_id`,
  },
} as const;

export interface AvailabilityRow {
  readonly key: string;
  readonly lamps: number;
  /** Hours in which the lamps were in service, summed over them. */
  readonly lampHours: number;
  /** Of these, hours with a fault of UNAVAILABLE_KINDS; several at once count once. */
  readonly unavailableHours: number;
  /** Lamps that failed: faults of kind lampFailure that opened and are no part of an outage. */
  readonly failures: number;
}

/** Availability by lamp type, group or bucket. Removed lamps count for the time they stood, lamps in several groups in each. */
export async function readAvailability(
  pool: Pick<Pool, 'query'>,
  { siteId, from, to }: ReportPeriod,
  by: keyof typeof AVAILABILITY_KEYS,
  buckets: readonly ReportBucket[],
): Promise<AvailabilityRow[]> {
  const { key, join } = AVAILABILITY_KEYS[by];
  const found = await pool.query<AvailabilityRow>(
    `WITH ${FAULT_TIME}, site_lamp AS (
       SELECT l.id, l.device, l.cabinet_id, l.circuit, l.lamp_type_id,
         tstzrange(l.created_at, CASE WHEN l.removed_at IS NOT NULL THEN greatest(l.created_at, l.removed_at) END) AS service
       FROM lamp AS l WHERE l.site_id = $1 AND l.created_at < $3::timestamptz AND coalesce(l.removed_at > $2::timestamptz, true)
     ), down AS (
       SELECT lamp_id, range_agg(during) AS during FROM (
         SELECT lamp_id, during FROM fault_time WHERE subject_kind = 'lamp'
         UNION ALL
         SELECT l.id, t.during FROM fault_time AS t JOIN site_lamp AS l ON l.device = t.device WHERE t.subject_kind = 'device'
         UNION ALL
         SELECT l.id, t.during FROM fault_time AS t JOIN site_lamp AS l ON l.cabinet_id = t.cabinet_id
         WHERE t.subject_kind = 'cabinet' OR t.subject_kind = 'circuit' AND l.circuit = t.circuit
       ) AS spans GROUP BY lamp_id
     ), failure AS (
       SELECT lamp_id, array_agg(opened_at) AS opened FROM fault
       WHERE site_id = $1 AND kind = 'lampFailure' AND parent_id IS NULL AND opened_at >= $2 AND opened_at < $3 GROUP BY lamp_id
     ), part AS (
       SELECT ${key} AS key, l.id, l.service * tstzrange(bucket.start, bucket.finish) AS service, down.during, failure.opened
       FROM site_lamp AS l CROSS JOIN unnest($5::text[], $6::timestamptz[], $7::timestamptz[]) AS bucket (key, start, finish)
       ${join} LEFT JOIN down ON down.lamp_id = l.id LEFT JOIN failure ON failure.lamp_id = l.id
     )
     SELECT key, count(DISTINCT id)::int AS lamps, sum(extract(epoch FROM upper(service) - lower(service)) / 3600)::float8 AS "lampHours",
       sum(CASE WHEN during && service THEN ${seconds('during * tstzmultirange(service)')} ELSE 0 END) / 3600 AS "unavailableHours",
       coalesce(sum((SELECT count(*) FROM unnest(opened) AS at WHERE at <@ service)) FILTER (WHERE opened IS NOT NULL), 0)::int AS failures
     FROM part WHERE NOT isempty(service) GROUP BY key ORDER BY key`,
    [
      ...[siteId, from, to, UNAVAILABLE_KINDS],
      ...[
        buckets.map((bucket) => bucket.key),
        buckets.map((bucket) => bucket.from),
        buckets.map((bucket) => bucket.to),
      ],
    ],
  );
  return found.rows;
}

export interface LampLifeRow {
  readonly lamp: string;
  readonly lampType: string;
  readonly cabinet: string | null;
  readonly street: string | null;
  readonly pole: string | null;
  readonly operatingHours: number;
  readonly at: Date;
  readonly ratedLifeH: number;
}

/** Lamps in service whose rated life ends within so many burning hours, the most worn first. */
export async function readLampsDue(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  withinH: number,
  take: number,
): Promise<LampLifeRow[]> {
  const found = await pool.query<LampLifeRow>(
    `SELECT l.address AS lamp, t.code AS "lampType", c.address AS cabinet, l.street, l.pole, s.operating_hours AS "operatingHours", s.time AS at,
       t.rated_life_h AS "ratedLifeH"
     FROM lamp AS l JOIN lamp_type AS t ON t.id = l.lamp_type_id JOIN lamp_state AS s ON s.lamp_id = l.id
     LEFT JOIN cabinet AS c ON c.id = l.cabinet_id
     WHERE l.site_id = $1 AND l.removed_at IS NULL AND t.rated_life_h - s.operating_hours <= $2
     ORDER BY t.rated_life_h - s.operating_hours, l.address LIMIT $3`,
    [siteId, withinH, take],
  );
  return found.rows;
}

export interface LampTypeLifeRow {
  readonly lampType: string;
  readonly ratedLifeH: number | null;
  readonly lamps: number;
  /** Lamps that have said how long they have burnt. */
  readonly known: number;
  readonly due: number;
  readonly medianOperatingHours: number | null;
  readonly maxOperatingHours: number | null;
}

/** How worn the lamps of each type are. */
export async function readLampTypeLife(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  withinH: number,
): Promise<LampTypeLifeRow[]> {
  const found = await pool.query<LampTypeLifeRow>(
    `SELECT t.code AS "lampType", t.rated_life_h AS "ratedLifeH", count(*)::int AS lamps, count(s.operating_hours)::int AS known,
       count(*) FILTER (WHERE t.rated_life_h - s.operating_hours <= $2)::int AS due,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.operating_hours) AS "medianOperatingHours",
       max(s.operating_hours) AS "maxOperatingHours"
     FROM lamp AS l JOIN lamp_type AS t ON t.id = l.lamp_type_id LEFT JOIN lamp_state AS s ON s.lamp_id = l.id
     WHERE l.site_id = $1 AND l.removed_at IS NULL GROUP BY t.id ORDER BY t.code`,
    [siteId, withinH],
  );
  return found.rows;
}

export interface DayBurnerRow {
  readonly lamp: string;
  readonly lampType: string;
  readonly cabinet: string | null;
  readonly street: string | null;
  readonly pole: string | null;
  readonly kinds: readonly string[];
  readonly faults: number;
  readonly openHours: number;
  readonly openEnergyWh: number;
  readonly dayHours: number;
  readonly dayEnergyWh: number;
}

/** What lamps that burn unasked have drawn while their faults were there, and of that outside `dark`. The greatest waste first. */
export async function readDayBurners(
  pool: Pick<Pool, 'query'>,
  { siteId, from, to }: ReportPeriod,
  dark: readonly { readonly from: Date; readonly to: Date }[],
  take: number,
): Promise<DayBurnerRow[]> {
  const found = await pool.query<DayBurnerRow>(
    `WITH ${FAULT_TIME}, burner AS MATERIALIZED (
       SELECT lamp_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds, count(DISTINCT id)::int AS faults, range_agg(during) AS open,
         range_agg(during) - (SELECT coalesce(range_agg(tstzrange(start, finish)), '{}')
           FROM unnest($5::timestamptz[], $6::timestamptz[]) AS night (start, finish)) AS day
       FROM fault_time WHERE lamp_id IS NOT NULL GROUP BY lamp_id
     ), drawn AS (
       SELECT b.lamp_id, sum(part.energy_wh * ${seconds('b.open * hour.span')} / 3600) AS open_wh,
         sum(part.energy_wh * ${seconds('b.day * hour.span')} / 3600) AS day_wh
       FROM burner AS b JOIN energy_part AS part
         ON part.lamp_id = b.lamp_id AND part.hour < upper(b.open) AND part.hour > lower(b.open) - interval '1 hour'
       CROSS JOIN LATERAL (SELECT tstzmultirange(tstzrange(part.hour, part.hour + interval '1 hour')) AS span) AS hour
       GROUP BY b.lamp_id
     )
     SELECT l.address AS lamp, t.code AS "lampType", c.address AS cabinet, l.street, l.pole, b.kinds, b.faults,
       ${seconds('b.open')} / 3600 AS "openHours", coalesce(drawn.open_wh, 0) AS "openEnergyWh",
       ${seconds('b.day')} / 3600 AS "dayHours", coalesce(drawn.day_wh, 0) AS "dayEnergyWh"
     FROM burner AS b JOIN lamp AS l ON l.id = b.lamp_id JOIN lamp_type AS t ON t.id = l.lamp_type_id
     LEFT JOIN cabinet AS c ON c.id = l.cabinet_id LEFT JOIN drawn ON drawn.lamp_id = b.lamp_id
     ORDER BY coalesce(drawn.day_wh, 0) DESC, l.address LIMIT $7`,
    [
      ...[siteId, from, to, ['lampUnexpectedOn', 'relayFailure']],
      ...[dark.map((night) => night.from), dark.map((night) => night.to), take],
    ],
  );
  return found.rows;
}

export interface ResponseRow {
  /** Null: faults that no crew had. */
  readonly crew: string | null;
  readonly severity: string;
  readonly faults: number;
  readonly acknowledged: number;
  readonly acknowledgeMedianS: number | null;
  readonly acknowledgeP90S: number | null;
  readonly repaired: number;
  readonly repairMedianS: number | null;
  readonly repairP90S: number | null;
}

/** How fast faults that opened in the period were acknowledged and repaired. Parts of wider faults are left out: nobody is told of them. */
export async function readResponse(
  pool: Pick<Pool, 'query'>,
  { siteId, from, to }: ReportPeriod,
): Promise<ResponseRow[]> {
  const percentiles = (column: string, name: string, done: string) => `
    count(${column})::int AS "${done}",
    percentile_cont(0.5) WITHIN GROUP (ORDER BY ${column}) AS "${name}MedianS",
    percentile_cont(0.9) WITHIN GROUP (ORDER BY ${column}) AS "${name}P90S"`;
  const found = await pool.query<ResponseRow>(
    `SELECT crew, severity, count(*)::int AS faults, ${percentiles('acknowledge_s', 'acknowledge', 'acknowledged')}, ${percentiles('repair_s', 'repair', 'repaired')}
     FROM (
       SELECT crew.address AS crew, f.severity,
         extract(epoch FROM (
           SELECT min(h.at) FROM fault_history AS h WHERE h.fault_id = f.id AND h.event = 'acknowledged') - f.opened_at)::float8
           AS acknowledge_s,
         extract(epoch FROM f.cleared_at - f.opened_at)::float8 AS repair_s
       FROM fault AS f LEFT JOIN crew ON crew.id = f.crew_id
       WHERE f.site_id = $1 AND f.opened_at >= $2 AND f.opened_at < $3 AND f.parent_id IS NULL
     ) AS one
     GROUP BY crew, severity
     ORDER BY crew NULLS LAST, array_position(ARRAY['critical', 'major', 'minor', 'warning'], severity)`,
    [siteId, from, to],
  );
  return found.rows;
}
