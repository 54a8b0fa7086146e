import type { PoolClient } from '../pool.js';
import { storableText } from '../storable-text.js';
import { instant, setState, statesBefore } from './command-sql.js';

/** A device's answer to a message with commands. */
export interface AnswerRow {
  readonly site: string;
  readonly device: string;
  readonly batchId: string;
  readonly part: number;
  readonly result: 'executed' | 'refused' | 'expired';
  /** The device's own clock. */
  readonly deviceTimeMs: number;
  /** Lamps it concerns; undefined for all. */
  readonly lamps: readonly string[] | undefined;
  readonly reason: string | undefined;
  /** When a level has to show at the latest, counted from now without the fade and the device's interval, ms. */
  readonly marginMs: number;
}

const EVENTS = { executed: 'acknowledged', refused: 'refused', expired: 'timePassed' } as const;

/** Notes an answer inside the caller's transaction. Late and repeated ones change nothing. Says how many commands it moved. */
export async function writeAnswer(client: PoolClient, answer: AnswerRow, nowMs: number): Promise<number> {
  const event = EVENTS[answer.result];
  const isAcknowledged = event === 'acknowledged';
  const what = isAcknowledged
    ? `acknowledged_at = ${instant('$5')}, device_time = ${instant('$6')},
       due_at = ${instant('$5')} + make_interval(secs => c.fade_s + 2 * coalesce(
         (SELECT reporting_interval_s FROM device WHERE device.site_id = c.site_id AND device.address = c.device), 900) + $7::float8 / 1000)`
    : `finished_at = ${instant('$5')}, device_time = ${instant('$6')}, problem = $7`;
  const written = await client.query({
    name: `write_answer_${event}`,
    text: `
      UPDATE lamp_command AS c SET ${setState(event)}, ${what}
      FROM site WHERE site.id = c.site_id AND site.address = $1 AND c.device = $2 AND c.batch_id = $3::uuid AND c.part = $4
        AND c.state IN (${statesBefore(event)})
        AND ($8::text[] IS NULL OR c.lamp_id IN (
          SELECT id FROM lamp WHERE lamp.site_id = site.id AND lamp.address = ANY($8::text[]) AND lamp.removed_at IS NULL))`,
    values: [
      answer.site,
      answer.device,
      answer.batchId,
      answer.part,
      nowMs,
      answer.deviceTimeMs,
      isAcknowledged ? answer.marginMs : problemOf(answer),
      answer.lamps ?? null,
    ],
  });
  return written.rowCount ?? 0;
}

function problemOf({ result, reason }: AnswerRow): string {
  if (result === 'expired') return 'the device got it too late by its own clock: look at the clock and the link';
  return storableText(`the device refuses it: ${reason ?? 'without a reason'}`);
}

/** Locked in the order in which every writer of many programs does ($1 sites, $2 devices, pair by pair). */
const HELD_PROGRAMS = `held AS MATERIALIZED (
        SELECT d.site_id, d.device FROM unnest($1::text[], $2::text[]) AS input (site, device)
        JOIN site ON site.address = input.site JOIN device_program AS d ON d.site_id = site.id AND d.device = input.device
        ORDER BY d.site_id, d.device FOR UPDATE OF d
      )`;

/** What a device says it runs. */
export interface ProgramReportRow {
  readonly site: string;
  readonly device: string;
  readonly hash: string | null;
  readonly receivedAtMs: number;
}

/** Notes which programs devices run, inside the caller's transaction; the last of each counts. */
export async function writeProgramReports(client: PoolClient, rows: readonly ProgramReportRow[]): Promise<void> {
  const last = new Map(rows.map((row) => [`${row.site}/${row.device}`, row]));
  const ordered = [...last.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  if (ordered.length === 0) return;
  await client.query({
    name: 'write_program_reports',
    text: `
      WITH ${HELD_PROGRAMS}
      UPDATE device_program AS d SET
        reported_hash = input.hash,
        reported_at = ${instant('input.at')},
        running_programs = CASE WHEN input.hash = d.desired_hash THEN d.desired_programs ELSE d.running_programs END,
        mismatch_since = CASE WHEN input.hash = d.desired_hash THEN NULL ELSE d.mismatch_since END,
        resends = CASE WHEN input.hash = d.desired_hash THEN 0 ELSE d.resends END
      FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) AS input (site, device, hash, at)
      JOIN site ON site.address = input.site
      JOIN held ON held.site_id = site.id AND held.device = input.device
      WHERE d.site_id = held.site_id AND d.device = held.device AND (d.reported_at IS NULL OR d.reported_at <= ${instant('input.at')})`,
    values: [
      ordered.map(({ site }) => site),
      ordered.map(({ device }) => device),
      ordered.map(({ hash }) => (hash === null ? null : storableText(hash))),
      ordered.map(({ receivedAtMs }) => receivedAtMs),
    ],
  });
}
