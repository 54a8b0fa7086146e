import type { FaultEvent, FaultKind, FaultState, LampMemory, Severity } from '#libs/faults';
import type { Pool, PoolClient } from '../pool.js';

export type FaultSubjectKind = 'lamp' | 'device' | 'circuit' | 'cabinet' | 'site';

/** What a fault is about. */
export interface FaultSubject {
  readonly kind: FaultSubjectKind;
  /** Unique in the site: lamp:17, device:GW-1, circuit:3/C2, cabinet:3, site. */
  readonly key: string;
  readonly lampId?: number | undefined;
  readonly device?: string | undefined;
  readonly cabinetId?: number | null | undefined;
  readonly circuit?: string | null | undefined;
}

/** A fault that has not been closed. */
export interface LiveFault {
  readonly id: string;
  readonly kind: FaultKind;
  readonly subject: string;
  readonly subjectKind: FaultSubjectKind;
  readonly lampId: number | null;
  readonly device: string | null;
  readonly state: FaultState;
  readonly evidence: string;
  readonly parentId: string | null;
  readonly lampCount: number;
}

/** What has become of a fault by what was seen. */
export interface FaultChange {
  readonly subject: FaultSubject;
  readonly kind: FaultKind;
  readonly severity: Severity;
  readonly priority: number;
  /** Undefined: the suspicion did not hold. */
  readonly state: FaultState | undefined;
  readonly event: FaultEvent | undefined;
  readonly evidence: string;
  readonly lampCount: number;
  /** The reading by which it was decided; absent where none was. */
  readonly reading?: { readonly atMs: number; readonly messageId: string | null };
}

const SELECT_LIVE = `
  SELECT id, kind, subject, subject_kind AS "subjectKind", lamp_id AS "lampId", device, state, evidence, parent_id AS "parentId",
    lamp_count AS "lampCount"
  FROM fault`;

/** The live faults of these lamps. */
export async function liveFaultsOfLamps(pool: Pool, lampIds: readonly number[]): Promise<LiveFault[]> {
  const found = await pool.query<LiveFault>({
    name: 'live_faults_of_lamps',
    text: `${SELECT_LIVE} WHERE lamp_id = ANY($1::int[]) AND subject_kind = 'lamp' AND phase <> 'closed'`,
    values: [lampIds],
  });
  return found.rows;
}

/** The live faults of a site of these kinds. */
export async function liveFaultsOfKinds(pool: Pool, siteId: number, kinds: readonly FaultKind[]): Promise<LiveFault[]> {
  const found = await pool.query<LiveFault>(
    `${SELECT_LIVE} WHERE site_id = $1 AND kind = ANY($2::text[]) AND phase <> 'closed'`,
    [siteId, kinds],
  );
  return found.rows;
}

/** Faults that have cleared and whose time to come back is over by `nowMs`, as far as a quick look tells. */
export async function clearedFaults(pool: Pool, siteId: number, clearedBeforeMs: number): Promise<LiveFault[]> {
  const found = await pool.query<LiveFault>(
    `${SELECT_LIVE} WHERE site_id = $1 AND phase = 'cleared' AND cleared_at < to_timestamp($2::float8 / 1000) ORDER BY id LIMIT 5000`,
    [siteId, clearedBeforeMs],
  );
  return found.rows;
}

/** What is suspected or open of lamps that are no longer in the inventory. */
export async function faultsOfRemovedLamps(pool: Pool, siteId: number): Promise<LiveFault[]> {
  const found = await pool.query<LiveFault>(
    `${SELECT_LIVE} WHERE site_id = $1 AND subject_kind = 'lamp' AND phase IN ('suspected', 'open')
       AND lamp_id IN (SELECT id FROM lamp WHERE site_id = $1 AND removed_at IS NOT NULL) ORDER BY id LIMIT 5000`,
    [siteId],
  );
  return found.rows;
}

/** Writes changes of faults with their history, inside the caller's transaction. What has to be told is noted in `pending_event`. */
export async function writeFaultChanges(
  client: PoolClient,
  siteId: number,
  changes: readonly FaultChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const gone = changes.filter(({ state }) => state === undefined);
  if (gone.length > 0) {
    await client.query(
      `DELETE FROM fault USING unnest($2::text[], $3::text[]) AS input (subject, kind)
       WHERE fault.site_id = $1 AND fault.subject = input.subject AND fault.kind = input.kind AND fault.phase = 'suspected'`,
      [siteId, gone.map(({ subject }) => subject.key), gone.map(({ kind }) => kind)],
    );
  }
  const kept = changes.flatMap(({ state, ...rest }) => (state === undefined ? [] : [{ ...rest, state }]));
  if (kept.length === 0) return;
  await client.query({
    name: 'write_fault_changes',
    text: `
      WITH input AS (
        SELECT * FROM jsonb_to_recordset($2::jsonb) AS input (
          kind text, severity text, priority int, "subjectKind" text, subject text, "lampId" int, device text, "cabinetId" int, circuit text,
          phase text, state jsonb, evidence text, "lampCount" int, event text, "seenMs" float8, "openedMs" float8, "clearedMs" float8, "atMs" float8,
          "readingMs" float8, "messageId" text)
      ), closed AS (
        -- A closed row is not among the live ones: it is the live row that is closed, not a row beside it.
        UPDATE fault SET phase = input.phase, state = input.state, closed_at = to_timestamp("atMs" / 1000), version = fault.version + 1
        FROM input WHERE input.phase = 'closed'
          AND fault.site_id = $1 AND fault.subject = input.subject AND fault.kind = input.kind AND fault.phase <> 'closed'
        RETURNING fault.id, fault.subject, fault.kind
      ), written AS (
        INSERT INTO fault (site_id, kind, severity, priority, subject_kind, subject, lamp_id, device, cabinet_id, circuit, phase, state,
          evidence, lamp_count, seen_at, opened_at, cleared_at, pending_event)
        SELECT $1, kind, severity, priority, "subjectKind", subject, "lampId", device, "cabinetId", circuit, phase, state, evidence, "lampCount",
          to_timestamp("seenMs" / 1000), to_timestamp("openedMs" / 1000), to_timestamp("clearedMs" / 1000), event
        FROM input WHERE phase <> 'closed'
        ON CONFLICT (site_id, subject, kind) WHERE phase <> 'closed' DO UPDATE SET
          phase = excluded.phase, state = excluded.state, priority = excluded.priority, lamp_count = excluded.lamp_count,
          evidence = CASE WHEN excluded.evidence = '' THEN fault.evidence ELSE excluded.evidence END,
          opened_at = excluded.opened_at, cleared_at = excluded.cleared_at,
          -- The lamp may have been moved, or have got another controller, since it was seen first. Not every look says where it is.
          device = coalesce(excluded.device, fault.device), cabinet_id = coalesce(excluded.cabinet_id, fault.cabinet_id),
          pending_event = coalesce(excluded.pending_event, fault.pending_event),
          -- A fault that comes back has to be acknowledged again.
          acknowledged_at = CASE WHEN excluded.pending_event = 'reopened' THEN NULL ELSE fault.acknowledged_at END,
          acknowledged_by = CASE WHEN excluded.pending_event = 'reopened' THEN NULL ELSE fault.acknowledged_by END,
          version = fault.version + CASE WHEN excluded.phase <> fault.phase THEN 1 ELSE 0 END
        RETURNING id, subject, kind
      )
      INSERT INTO fault_history (fault_id, at, event, text, reading_at, message_id)
      SELECT changed.id, to_timestamp(input."atMs" / 1000), input.event, input.evidence, to_timestamp(input."readingMs" / 1000), input."messageId"
      FROM (SELECT * FROM closed UNION ALL SELECT * FROM written) AS changed JOIN input USING (subject, kind) WHERE input.event IS NOT NULL`,
    values: [siteId, JSON.stringify(kept.map(toRecord))],
  });
}

function toRecord({ subject, state, event, reading, ...rest }: FaultChange & { readonly state: FaultState }): object {
  const { lampId, device, cabinetId, circuit } = subject;
  return {
    ...rest,
    subjectKind: subject.kind,
    subject: subject.key,
    ...{ lampId, device, cabinetId, circuit },
    phase: state.phase,
    state,
    event: event ?? null,
    seenMs: state.seenSinceMs,
    openedMs: state.openedAtMs ?? null,
    clearedMs: state.clearedAtMs ?? null,
    atMs: eventMs(state, event),
    readingMs: reading?.atMs ?? null,
    messageId: reading?.messageId ?? null,
  };
}

/** When an event happened: by the readings that showed it. */
function eventMs(state: FaultState, event: FaultEvent | undefined): number {
  if (event === 'opened') return state.openedAtMs ?? state.seenLastMs;
  if (event === 'cleared') return state.clearedAtMs ?? state.seenLastMs;
  return event === 'closed' ? Math.max(state.clearedAtMs ?? 0, state.seenLastMs) : state.seenLastMs;
}

/** What is remembered of lamps, inside the caller's transaction. */
export async function writeMemories(
  client: PoolClient,
  rows: readonly { readonly lampId: number; readonly judgedAtMs: number; readonly memory: LampMemory }[],
): Promise<void> {
  if (rows.length === 0) return;
  await client.query({
    name: 'write_lamp_memories',
    text: `
      INSERT INTO lamp_watch (lamp_id, judged_at, memory)
      SELECT lamp_id, to_timestamp(at_ms / 1000), memory FROM json_to_recordset($1) AS input (lamp_id int, at_ms float8, memory jsonb)
      ON CONFLICT (lamp_id) DO UPDATE SET judged_at = excluded.judged_at, memory = excluded.memory
      WHERE lamp_watch.judged_at < excluded.judged_at`,
    values: [
      JSON.stringify(rows.map(({ lampId, judgedAtMs, memory }) => ({ lamp_id: lampId, at_ms: judgedAtMs, memory }))),
    ],
  });
}

/** Makes faults the parts of a wider one, or (undefined) their own again, inside the caller's transaction. */
export async function setParent(
  client: PoolClient,
  faultIds: readonly string[],
  parentId: string | undefined,
): Promise<void> {
  if (faultIds.length === 0) return;
  await client.query(
    `UPDATE fault SET parent_id = $2::bigint WHERE id = ANY($1::bigint[]) AND parent_id IS DISTINCT FROM $2::bigint`,
    [faultIds, parentId ?? null],
  );
}

/**
 * Turns what is pending into alerts, inside the caller's transaction: for faults that are part of a wider one nothing is told. A fault that
 * opened and cleared before anybody was told is told as neither.
 */
export async function writeAlerts(client: PoolClient, siteId: number, nowMs: number): Promise<number> {
  const written = await client.query({
    name: 'write_alerts',
    text: `
      WITH pending AS (
        UPDATE fault SET pending_event = NULL FROM (
          SELECT id, pending_event AS event FROM fault WHERE site_id = $1 AND pending_event IS NOT NULL FOR UPDATE
        ) AS before
        WHERE fault.id = before.id RETURNING fault.id, fault.parent_id, before.event
      )
      INSERT INTO alert (site_id, fault_id, event, created_at)
      SELECT $1, pending.id, pending.event, to_timestamp($2::float8 / 1000) FROM pending
      WHERE parent_id IS NULL AND (event <> 'cleared' OR EXISTS (SELECT FROM alert AS told WHERE told.fault_id = pending.id))`,
    values: [siteId, nowMs],
  });
  return written.rowCount ?? 0;
}
