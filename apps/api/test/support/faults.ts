import type { ApiUnderTest } from './api-under-test.js';

/** A fault as detection would have written it. Instants in hours from the clock of the API. */
export interface StoredFault {
  readonly kind?: string;
  readonly severity?: string;
  readonly priority?: number;
  /** Address of the lamp; or one of the others. */
  readonly lamp?: string;
  readonly device?: string;
  readonly cabinet?: string;
  readonly circuit?: string;
  readonly phase?: 'suspected' | 'open' | 'cleared' | 'closed';
  readonly seenH?: number;
  readonly seenLastH?: number;
  /** When it opened and cleared, by turns. */
  readonly turnsH?: readonly number[];
  readonly parent?: number;
  readonly crew?: string;
  readonly acknowledgedH?: number;
  readonly site?: string;
}

const HOUR_MS = 3_600_000;

/** Stores it with its history; answers its id. */
export async function storeFault(api: ApiUnderTest, fault: StoredFault): Promise<number> {
  const at = (hours: number) => new Date(api.nowMs + hours * HOUR_MS);
  const { lamp, device, cabinet, circuit, turnsH = [-2], site = 'BT' } = fault;
  const opened = turnsH[0];
  const cleared = turnsH.length % 2 === 0 ? turnsH.at(-1) : undefined;
  const phase = fault.phase ?? (cleared === undefined ? 'open' : 'cleared');
  const seenH = fault.seenH ?? (opened ?? 0) - 0.25;
  const subjectKind =
    lamp !== undefined
      ? 'lamp'
      : device !== undefined
        ? 'device'
        : circuit !== undefined
          ? 'circuit'
          : cabinet !== undefined
            ? 'cabinet'
            : 'site';
  const state = {
    phase,
    seenLastMs: at(fault.seenLastH ?? seenH).getTime(),
    reopenings: Math.max(0, Math.ceil(turnsH.length / 2) - 1),
  };
  const [row] = await api.database.query<{ id: string }[]>(
    `INSERT INTO fault (site_id, kind, severity, priority, subject_kind, subject, lamp_id, device, cabinet_id, circuit, phase, state,
       evidence, parent_id, seen_at, opened_at, cleared_at, closed_at, crew_id, acknowledged_at)
     SELECT s.id, $2, $3, $4, $5::text, concat_ws(':', $5::text, l.id, $7::text, c.id, $9::text), l.id, $7, coalesce(c.id, l.cabinet_id), $9, $10,
       $11, 'evidence of ' || $2::text, $12, $13, $14, $15, CASE WHEN $10 = 'closed' THEN $15::timestamptz END,
       (SELECT id FROM crew WHERE site_id = s.id AND address = $16), $17
     FROM site AS s LEFT JOIN lamp AS l ON l.site_id = s.id AND l.address = $6 LEFT JOIN cabinet AS c ON c.site_id = s.id AND c.address = $8
     WHERE s.address = $1 RETURNING id`,
    [
      ...[site, fault.kind ?? 'lampFailure', fault.severity ?? 'major', fault.priority ?? 50, subjectKind],
      ...[lamp ?? null, device ?? null, cabinet ?? null, circuit ?? null, phase, JSON.stringify(state)],
      ...[fault.parent ?? null, at(seenH)],
      ...(phase === 'suspected' || opened === undefined
        ? [null, null]
        : [at(opened), cleared === undefined ? null : at(cleared)]),
      ...[fault.crew ?? null, fault.acknowledgedH === undefined ? null : at(fault.acknowledgedH)],
    ],
  );
  const id = Number(row?.id);
  const note = (event: string, hours: number) =>
    api.database.query('INSERT INTO fault_history (fault_id, at, event) VALUES ($1, $2, $3)', [id, at(hours), event]);
  if (phase === 'suspected') return id;
  for (const [index, hours] of turnsH.entries()) {
    await note(index % 2 === 1 ? 'cleared' : index === 0 ? 'opened' : 'reopened', hours);
  }
  if (fault.acknowledgedH !== undefined) await note('acknowledged', fault.acknowledgedH);
  if (phase === 'closed') await note('closed', cleared ?? 0);
  return id;
}

export async function storeCrew(api: ApiUnderTest, address: string, site = 'BT'): Promise<void> {
  await api.database.query('INSERT INTO crew (site_id, address, name) SELECT id, $2, $3 FROM site WHERE address = $1', [
    site,
    address,
    `Crew ${address}`,
  ]);
}
