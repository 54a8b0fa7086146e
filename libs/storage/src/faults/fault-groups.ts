import { DEFAULT_REPORTING_INTERVAL_S } from '../inventory/lamp-state.repository.js';
import type { Pool, PoolClient } from '../pool.js';

/** Voltage trouble among the lamps of a cabinet. */
export interface CabinetVoltage {
  readonly cabinetId: number;
  readonly kind: 'supplyVoltageTooHigh' | 'supplyVoltageTooLow';
  /** Lamps that show it now. */
  readonly troubled: number;
  /** Lamps of the cabinet that are known to report. */
  readonly heard: number;
}

/** Cabinets with voltage trouble at one of their lamps. */
export async function readCabinetVoltages(pool: Pool, siteId: number): Promise<CabinetVoltage[]> {
  const found = await pool.query<CabinetVoltage>({
    name: 'read_cabinet_voltages',
    text: `
      SELECT fault.cabinet_id AS "cabinetId", fault.kind, count(*)::int AS troubled,
        (SELECT count(*)::int FROM lamp JOIN lamp_state ON lamp_state.lamp_id = lamp.id
          WHERE lamp.cabinet_id = fault.cabinet_id AND lamp.removed_at IS NULL AND lamp_state.supply_voltage_v IS NOT NULL) AS heard
      FROM fault
      WHERE fault.site_id = $1 AND fault.subject_kind = 'lamp' AND fault.kind IN ('supplyVoltageTooHigh', 'supplyVoltageTooLow')
        AND fault.cabinet_id IS NOT NULL AND fault.phase IN ('suspected', 'open') AND fault.state -> 'absentSinceMs' IS NULL
      GROUP BY fault.cabinet_id, fault.kind`,
    values: [siteId],
  });
  return found.rows;
}

/**
 * Makes faults the parts of wider ones, inside the caller's transaction: what is silent of the outage of its cabinet, circuit or platform,
 * voltage of lamps of their cabinet's. What is still open two reports after the wider one was over is its own again, and has to be told:
 * lamps whose supply is back report one after the other.
 */
export async function adoptMembers(client: PoolClient, siteId: number, nowMs: number): Promise<void> {
  await client.query({
    name: 'adopt_members',
    text: `
      UPDATE fault AS member SET parent_id = parent.id
      FROM fault AS parent
      WHERE member.site_id = $1 AND parent.site_id = $1 AND member.phase IN ('suspected', 'open') AND parent.phase IN ('suspected', 'open')
        AND member.id <> parent.id AND member.parent_id IS DISTINCT FROM parent.id AND (
          member.kind = 'communicationFailure' AND parent.kind = 'cabinetOutage' AND member.cabinet_id = parent.cabinet_id
          OR member.kind = 'communicationFailure' AND parent.kind = 'circuitOutage' AND member.cabinet_id = parent.cabinet_id
            AND member.circuit = parent.circuit
          -- While a cabinet's lamps come back one after the other, the last of them look like a circuit.
          OR member.kind = 'circuitOutage' AND parent.kind = 'cabinetOutage' AND member.cabinet_id = parent.cabinet_id
          -- A lamp that lost its supply cannot be heard; one whose relay is stuck does not follow, and burns by day.
          OR member.lamp_id = parent.lamp_id AND (parent.kind = 'supplyLoss' AND member.kind = 'communicationFailure'
            OR parent.kind = 'relayFailure' AND member.kind IN ('dimmingFailure', 'lampUnexpectedOn'))
          OR member.subject_kind = 'lamp' AND parent.subject_kind = 'cabinet' AND member.kind = parent.kind
            AND member.cabinet_id = parent.cabinet_id)`,
    values: [siteId],
  });
  await client.query({
    name: 'let_members_go',
    text: `
      UPDATE fault AS member SET parent_id = NULL,
        pending_event = CASE WHEN member.phase = 'open' AND NOT EXISTS (
          SELECT FROM alert WHERE alert.fault_id = member.id AND alert.event IN ('opened', 'reopened') AND alert.created_at >= member.opened_at
        ) THEN 'opened' ELSE member.pending_event END
      FROM fault AS parent
      WHERE parent.id = member.parent_id AND member.site_id = $1 AND member.phase IN ('suspected', 'open')
        AND member.state -> 'absentSinceMs' IS NULL AND parent.phase IN ('cleared', 'closed') AND parent.cleared_at < to_timestamp($2::float8 / 1000) - make_interval(secs => 2 * coalesce(
          CASE WHEN member.kind = 'circuitOutage' THEN (
            SELECT max(device.reporting_interval_s) FROM lamp JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
            WHERE lamp.cabinet_id = member.cabinet_id AND lamp.circuit = member.circuit AND lamp.removed_at IS NULL)
          ELSE (SELECT reporting_interval_s FROM device WHERE device.site_id = $1 AND device.address = member.device) END, $3))`,
    values: [siteId, nowMs, DEFAULT_REPORTING_INTERVAL_S],
  });
}

/** How far a device's clock is from ours, by its newest readings. */
export interface DeviceClockRow {
  readonly device: string;
  /** Positive: ahead. The lamp of the device that shows the least. */
  readonly offsetMs: number;
  readonly receivedAtMs: number;
  readonly lamps: number;
  readonly reportingIntervalS: number | null;
}

/** How far a clock is off: as the device says when it sends, else by when its readings come. */
const CLOCK_OFF_MS = `1000 * coalesce(s.clock_offset_s, extract(epoch FROM s.time - s.received_at)::float8)`;

/** Devices heard since `sinceMs` whose clock is further off than `offsetMs`, and those of a live clockDrift. */
export async function readDeviceClocks(
  pool: Pool,
  siteId: number,
  sinceMs: number,
  offsetMs: number,
): Promise<DeviceClockRow[]> {
  const found = await pool.query<DeviceClockRow>({
    name: 'read_device_clocks',
    text: `
      WITH clocks AS (
        SELECT lamp.device, count(*)::int AS lamps, (extract(epoch FROM max(s.received_at)) * 1000)::float8 AS received,
          (array_agg(${CLOCK_OFF_MS} ORDER BY abs(${CLOCK_OFF_MS})))[1] AS off
        FROM lamp JOIN lamp_state AS s ON s.lamp_id = lamp.id
        WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL AND s.received_at > to_timestamp($2::float8 / 1000)
        GROUP BY lamp.device
      )
      SELECT clocks.device, off AS "offsetMs", received AS "receivedAtMs", lamps, device.reporting_interval_s AS "reportingIntervalS"
      FROM clocks LEFT JOIN device ON device.site_id = $1 AND device.address = clocks.device
      WHERE abs(off) > $3 OR EXISTS (SELECT FROM fault WHERE fault.site_id = $1 AND fault.subject = 'device:' || clocks.device
        AND fault.kind = 'clockDrift' AND fault.phase <> 'closed')`,
    values: [siteId, sinceMs, offsetMs],
  });
  return found.rows;
}
