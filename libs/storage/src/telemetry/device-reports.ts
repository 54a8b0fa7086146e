import type { PoolClient } from '../pool.js';

/** A device's event as it is stored. */
export interface DeviceEventRow {
  readonly siteId: number;
  readonly device: string;
  readonly lampId: number | undefined;
  readonly event: string;
  readonly active: boolean;
  readonly timeMs: number;
  readonly receivedAtMs: number;
  readonly info: string | undefined;
  readonly messageId?: string | undefined;
}

/** A device's last word on itself. */
export interface DeviceStatusRow {
  readonly siteId: number;
  readonly device: string;
  readonly online: boolean;
  readonly statusAtMs: number;
  readonly firmware: string | undefined;
  readonly model: string | undefined;
  readonly reportingIntervalS: number | undefined;
  readonly storesProgram: boolean | undefined;
}

/** Stores events inside the caller's transaction; one that is repeated changes nothing. */
export async function writeDeviceEvents(client: PoolClient, rows: readonly DeviceEventRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query({
    name: 'insert_device_event',
    text: `
      INSERT INTO device_event (site_id, device, lamp_id, event, active, time, received_at, info, message_id)
      SELECT site_id, device, lamp_id, event, active, to_timestamp(time_ms / 1000.0), to_timestamp(received_ms / 1000.0), info, message_id
      FROM unnest($1::integer[], $2::text[], $3::integer[], $4::text[], $5::boolean[], $6::float8[], $7::float8[], $8::text[], $9::text[])
        AS input (site_id, device, lamp_id, event, active, time_ms, received_ms, info, message_id)
      ON CONFLICT DO NOTHING`,
    values: [
      rows.map((row) => row.siteId),
      rows.map((row) => row.device),
      rows.map((row) => row.lampId ?? null),
      rows.map((row) => row.event),
      rows.map((row) => row.active),
      rows.map((row) => row.timeMs),
      rows.map((row) => row.receivedAtMs),
      rows.map((row) => row.info ?? null),
      rows.map((row) => row.messageId ?? null),
    ],
  });
}

/**
 * Stores the last status of each device inside the caller's transaction, unless a newer one is known; of two with the same time, which are a
 * connection and its end, "offline" is the newer. What a status does not say stays as it was.
 */
export async function writeDeviceStatuses(client: PoolClient, rows: readonly DeviceStatusRow[]): Promise<void> {
  const last = new Map<string, DeviceStatusRow>();
  for (const row of rows) {
    const key = `${row.siteId}/${row.device}`;
    const known = last.get(key);
    if (known === undefined || isNewer(row, known)) last.set(key, { ...known, ...withoutUndefined(row) });
  }
  const ordered = [...last.values()].sort((a, b) => a.siteId - b.siteId || (a.device < b.device ? -1 : 1));
  if (ordered.length === 0) return;
  await client.query({
    name: 'upsert_device',
    text: `
      INSERT INTO device AS known
        (site_id, address, online, status_at, firmware, model, reporting_interval_s, stores_program)
      SELECT site_id, address, online, to_timestamp(status_ms / 1000.0), firmware, model, interval_s, stores_program
      FROM unnest($1::integer[], $2::text[], $3::boolean[], $4::float8[], $5::text[], $6::text[], $7::integer[], $8::boolean[])
        AS input (site_id, address, online, status_ms, firmware, model, interval_s, stores_program)
      ON CONFLICT (site_id, address) DO UPDATE SET
        online = excluded.online,
        status_at = excluded.status_at,
        firmware = coalesce(excluded.firmware, known.firmware),
        model = coalesce(excluded.model, known.model),
        reporting_interval_s = coalesce(excluded.reporting_interval_s, known.reporting_interval_s),
        stores_program = coalesce(excluded.stores_program, known.stores_program)
      WHERE known.status_at < excluded.status_at OR known.status_at = excluded.status_at AND (known.online OR NOT excluded.online)`,
    values: [
      ordered.map((row) => row.siteId),
      ordered.map((row) => row.device),
      ordered.map((row) => row.online),
      ordered.map((row) => row.statusAtMs),
      ordered.map((row) => row.firmware ?? null),
      ordered.map((row) => row.model ?? null),
      ordered.map((row) => row.reportingIntervalS ?? null),
      ordered.map((row) => row.storesProgram ?? null),
    ],
  });
}

/** The rule of the statement above. */
function isNewer(row: DeviceStatusRow, known: DeviceStatusRow): boolean {
  return row.statusAtMs > known.statusAtMs || (row.statusAtMs === known.statusAtMs && (known.online || !row.online));
}

function withoutUndefined(row: DeviceStatusRow): DeviceStatusRow {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as unknown as DeviceStatusRow;
}
