import { SqlParameters } from '../inventory/sql-parameters.js';
import type { Pool } from '../pool.js';

/** Which faults of a site are meant. Everything that is given has to hold. */
export interface FaultFilter {
  /** Undefined: all that are not closed. */
  readonly phase?: string | undefined;
  readonly kind?: string | undefined;
  readonly severity?: string | undefined;
  /** Addresses. Faults of a device count to the lamps that it speaks for. */
  readonly cabinet?: string | undefined;
  readonly group?: string | undefined;
  readonly lamp?: string | undefined;
  readonly crew?: string | undefined;
  readonly acknowledged?: boolean | undefined;
  /** True: only parts of another fault; false: only what is none. */
  readonly member?: boolean | undefined;
}

/** A fault with its place and the work on it. */
export interface FaultRow {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly priority: number;
  readonly phase: string;
  readonly subjectKind: string;
  /** What it is about, for people: the address of the lamp, device, cabinet or site, or cabinet and circuit. */
  readonly subject: string;
  readonly evidence: string;
  readonly lamp: string | null;
  readonly lampType: string | null;
  readonly device: string | null;
  readonly cabinet: string | null;
  readonly cabinetName: string | null;
  readonly circuit: string | null;
  readonly street: string | null;
  readonly pole: string | null;
  readonly roadClass: string | null;
  readonly mountingHeightM: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly lampCount: number;
  readonly memberCount: number;
  readonly parent: string | null;
  readonly parentKind: string | null;
  readonly parentSubject: string | null;
  readonly seenAt: Date;
  /** When it was seen last. */
  readonly seenLastAt: Date | null;
  readonly openedAt: Date | null;
  readonly clearedAt: Date | null;
  readonly closedAt: Date | null;
  readonly reopenings: number;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  /** Stays when a fault that came back waits to be acknowledged again. */
  readonly firstAcknowledgedAt: Date | null;
  readonly crew: string | null;
  readonly crewName: string | null;
  readonly assignedAt: Date | null;
  readonly assignedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
  readonly resolution: string | null;
  readonly parts: string | null;
  readonly comments: number;
  readonly version: number;
  /** Where it stands in the list: `priority µs id`. */
  readonly position: string;
}

/** What a fault is about, for people: of `fault AS f`, `lamp AS l`, `cabinet AS c` and `site AS s` under these aliases. */
const subjectOf = (f: string, l: string, c: string) => `
  CASE ${f}.subject_kind WHEN 'lamp' THEN ${l}.address WHEN 'device' THEN ${f}.device WHEN 'cabinet' THEN ${c}.address
    WHEN 'circuit' THEN concat_ws(' ', ${c}.address, ${f}.circuit) ELSE s.address END`;

/** Faults `f` of a page, with everything that is shown of them. */
const select = (faults: string) => `
  SELECT f.id, f.kind, f.severity, f.priority, f.phase, f.subject_kind AS "subjectKind",
    coalesce(${subjectOf('f', 'l', 'c')}, f.subject) AS subject, f.evidence,
    l.address AS lamp, lamp_type.code AS "lampType", coalesce(f.device, l.device) AS device, c.address AS cabinet,
    c.name AS "cabinetName", coalesce(f.circuit, l.circuit) AS circuit, coalesce(l.street, near.street) AS street, l.pole,
    l.road_class AS "roadClass", l.mounting_height_m AS "mountingHeightM",
    coalesce(l.latitude, c.latitude, near.latitude) AS latitude, coalesce(l.longitude, c.longitude, near.longitude) AS longitude,
    f.lamp_count AS "lampCount", (SELECT count(*)::int FROM fault AS member WHERE member.parent_id = f.id) AS "memberCount",
    p.id AS parent, p.kind AS "parentKind", coalesce(${subjectOf('p', 'pl', 'pc')}, p.subject) AS "parentSubject",
    f.seen_at AS "seenAt", to_timestamp((f.state ->> 'seenLastMs')::float8 / 1000) AS "seenLastAt", f.opened_at AS "openedAt",
    f.cleared_at AS "clearedAt", f.closed_at AS "closedAt", coalesce((f.state ->> 'reopenings')::int, 0) AS reopenings,
    f.acknowledged_at AS "acknowledgedAt", f.acknowledged_by AS "acknowledgedBy", work.acknowledged AS "firstAcknowledgedAt",
    crew.address AS crew, crew.name AS "crewName", f.assigned_at AS "assignedAt", f.assigned_by AS "assignedBy",
    f.resolved_at AS "resolvedAt", f.resolved_by AS "resolvedBy", f.resolution, f.parts, work.comments, f.version,
    f.priority || ' ' || (extract(epoch FROM f.seen_at) * 1000000)::bigint || ' ' || f.id AS position
  FROM (${faults}) AS f JOIN site AS s ON s.id = f.site_id LEFT JOIN lamp AS l ON l.id = f.lamp_id
  LEFT JOIN lamp_type ON lamp_type.id = l.lamp_type_id LEFT JOIN cabinet AS c ON c.id = coalesce(f.cabinet_id, l.cabinet_id)
  LEFT JOIN crew ON crew.id = f.crew_id
  LEFT JOIN fault AS p ON p.id = f.parent_id LEFT JOIN lamp AS pl ON pl.id = p.lamp_id
  LEFT JOIN cabinet AS pc ON pc.id = coalesce(p.cabinet_id, pl.cabinet_id)
  LEFT JOIN LATERAL (
    -- A device, a circuit or a cabinet without a place of its own is found by its lamps.
    SELECT avg(of.latitude) AS latitude, avg(of.longitude) AS longitude, mode() WITHIN GROUP (ORDER BY of.street) AS street
    FROM (
      SELECT * FROM lamp WHERE f.subject_kind = 'device' AND site_id = f.site_id AND device = f.device
      UNION ALL
      SELECT * FROM lamp WHERE f.subject_kind IN ('circuit', 'cabinet') AND cabinet_id = f.cabinet_id
        AND (f.subject_kind = 'cabinet' OR circuit = f.circuit)
    ) AS of
    WHERE f.lamp_id IS NULL AND of.removed_at IS NULL
  ) AS near ON true
  LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE h.event = 'commented')::int AS comments,
      min(h.at) FILTER (WHERE h.event = 'acknowledged') AS acknowledged
    FROM fault_history AS h WHERE h.fault_id = f.id
  ) AS work ON true
  ORDER BY f.priority DESC, f.seen_at, f.id`;

/** Faults of a site that have `position` after `after`: the highest priority first, of equal ones the oldest. */
export async function listFaults(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  filter: FaultFilter,
  after: string | undefined,
  take: number,
): Promise<FaultRow[]> {
  const parameters = new SqlParameters();
  const conditions = [`f.site_id = ${parameters.add(siteId)}`, ...faultConditions(filter, parameters)];
  return page(pool, conditions, after, take, parameters);
}

/** The parts of a fault, in the same order. */
export async function listFaultMembers(
  pool: Pick<Pool, 'query'>,
  faultId: string,
  after: string | undefined,
  take: number,
): Promise<FaultRow[]> {
  const parameters = new SqlParameters();
  return page(pool, [`f.parent_id = ${parameters.add(faultId)}::bigint`], after, take, parameters);
}

/** One fault; undefined when the site has none of that id. */
export async function findFault(pool: Pick<Pool, 'query'>, siteId: number, id: string): Promise<FaultRow | undefined> {
  const found = await pool.query<FaultRow>(select('SELECT * FROM fault WHERE site_id = $1 AND id = $2::bigint'), [
    siteId,
    id,
  ]);
  return found.rows[0];
}

/** Something that happened to a fault, or that somebody did about it. */
export interface FaultHistoryRow {
  readonly id: string;
  readonly at: Date;
  readonly event: string;
  readonly by: string | null;
  readonly text: string | null;
  readonly link: string | null;
  /** The reading by which it was decided, and the message that brought it. */
  readonly readingAt: Date | null;
  readonly messageId: string | null;
}

/** What happened to a fault, in the order in which it was noted, from the one after `after`. */
export async function listFaultHistory(
  pool: Pick<Pool, 'query'>,
  faultId: string,
  after: number | undefined,
  take: number,
): Promise<FaultHistoryRow[]> {
  const found = await pool.query<FaultHistoryRow>(
    `SELECT id, at, event, by, text, link, reading_at AS "readingAt", message_id AS "messageId" FROM fault_history
     WHERE fault_id = $1::bigint AND id > coalesce($2::bigint, 0) ORDER BY id LIMIT $3`,
    [faultId, after ?? null, take],
  );
  return found.rows;
}

async function page(
  pool: Pick<Pool, 'query'>,
  conditions: readonly string[],
  after: string | undefined,
  take: number,
  parameters: SqlParameters,
): Promise<FaultRow[]> {
  const all = [...conditions, ...beyond(after, parameters)].join(' AND ');
  const faults = `SELECT f.* FROM fault AS f WHERE ${all} ORDER BY f.priority DESC, f.seen_at, f.id LIMIT ${parameters.add(take)}`;
  const found = await pool.query<FaultRow>(select(faults), parameters.values);
  return found.rows;
}

function beyond(after: string | undefined, parameters: SqlParameters): string[] {
  if (after === undefined) return [];
  const [priority, seenUs, id] = after.split(' ').map((part) => parameters.add(part));
  const seenAt = `timestamptz 'epoch' + ${seenUs}::bigint * interval '1 microsecond'`;
  return [`(-f.priority, f.seen_at, f.id) > (-(${priority}::int), ${seenAt}, ${id}::bigint)`];
}

function faultConditions(filter: FaultFilter, parameters: SqlParameters): string[] {
  const conditions = [filter.phase === undefined ? `f.phase <> 'closed'` : `f.phase = ${parameters.add(filter.phase)}`];
  const equal = (column: string, value: string | undefined): void => {
    if (value !== undefined) conditions.push(`${column} = ${parameters.add(value)}`);
  };
  equal('f.kind', filter.kind);
  equal('f.severity', filter.severity);
  const { crew, acknowledged, member } = filter;
  if (crew !== undefined) {
    conditions.push(
      `f.crew_id = (SELECT id FROM crew WHERE site_id = f.site_id AND address = ${parameters.add(crew)})`,
    );
  }
  if (acknowledged !== undefined) conditions.push(`f.acknowledged_at IS ${acknowledged ? 'NOT NULL' : 'NULL'}`);
  if (member !== undefined) conditions.push(`f.parent_id IS ${member ? 'NOT NULL' : 'NULL'}`);
  return [...conditions, ...placeConditions(filter, parameters)];
}

function placeConditions({ lamp, group, cabinet }: FaultFilter, parameters: SqlParameters): string[] {
  const conditions: string[] = [];
  if (lamp !== undefined) conditions.push(concerns(`of.address = ${parameters.add(lamp)}`));
  if (group !== undefined) {
    conditions.push(
      concerns(
        `of.id IN (SELECT m.lamp_id FROM lamp_group_member AS m JOIN lamp_group AS g ON g.id = m.group_id
           WHERE g.site_id = f.site_id AND g.address = ${parameters.add(group)})`,
      ),
    );
  }
  if (cabinet !== undefined) {
    const fed = `(SELECT fed.id FROM cabinet AS fed WHERE fed.site_id = f.site_id AND fed.address = ${parameters.add(cabinet)})`;
    conditions.push(`(f.cabinet_id = ${fed} OR ${concerns(`of.cabinet_id = ${fed}`)})`);
  }
  return conditions;
}

/** That a fault is about one of some lamps `of`, or about the device that speaks for it. */
function concerns(lamps: string): string {
  return `(EXISTS (SELECT FROM lamp AS of WHERE of.id = f.lamp_id AND ${lamps})
    OR f.subject_kind = 'device' AND EXISTS (
      SELECT FROM lamp AS of WHERE of.site_id = f.site_id AND of.device = f.device AND of.removed_at IS NULL AND ${lamps}))`;
}
