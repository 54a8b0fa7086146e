import type { TelemetryRow } from '#libs/storage';

/** The lamps of the benchmark: 2,000 behind gateways of 100 or, in single-reading messages, with connections of their own. */
export const LAMPS = 2000;
const SITE = 'bench';
const LAMPS_PER_GATEWAY = 100;

export interface Scenario {
  readonly name: string;
  readonly messages: number;
  readonly readingsPerMessage: number;
}

export const lampAddress = (index: number) => `L-${String(index).padStart(5, '0')}`;
export const gatewayAddress = (index: number) => `GW-${String(Math.floor(index / LAMPS_PER_GATEWAY)).padStart(3, '0')}`;

/** Reading number `index` of the whole run: the lamps in turn, a round every second. */
export function readingOf(index: number, startMs: number) {
  const lamp = index % LAMPS;
  const round = Math.floor(index / LAMPS);
  return {
    lamp: lampAddress(lamp),
    time: new Date(startMs + round * 1000).toISOString(),
    sequence: round,
    lightLevelPercent: 70,
    activePowerW: 41.5,
    supplyVoltageV: 231.4,
    supplyCurrentA: 0.189,
    powerFactor: 0.95,
    activeEnergyWh: 183_250.5 + round * 0.01,
    operatingHours: 4012.25,
    switchOnCount: 812,
    temperatureC: 34,
  };
}

/** The same reading as a row, for the COPY that ingest is measured against. */
export function rowOf(index: number, startMs: number, lampIds: readonly number[], receivedAtMs: number): TelemetryRow {
  const { lamp: _lamp, time, ...measures } = readingOf(index, startMs);
  return { lampId: lampIds[index % LAMPS] ?? 0, timeMs: Date.parse(time), receivedAtMs, ...measures };
}

/** Topic and payload of message number `index`. */
export function messageOf(scenario: Scenario, index: number, startMs: number): { topic: string; payload: string } {
  const first = index * scenario.readingsPerMessage;
  const readings = Array.from({ length: scenario.readingsPerMessage }, (_, offset) =>
    readingOf(first + offset, startMs),
  );
  const device = gatewayAddress(first % LAMPS);
  return { topic: `felinar/v1/${SITE}/${device}/telemetry`, payload: JSON.stringify({ v: 1, readings }) };
}

export const INVENTORY_SQL = `
  INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('${SITE}', 'Benchmark', 'Europe/Bucharest', 47.7, 26.7);
  INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
    VALUES ('LED-57', 'LED 57 W', 'LED', 57, 0.4, true, 10);
  INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude)
    SELECT site.id, 'L-' || lpad(n::text, 5, '0'), 'GW-' || lpad((n / ${LAMPS_PER_GATEWAY})::text, 3, '0'), lamp_type.id, 47.7, 26.7
    FROM generate_series(0, ${LAMPS - 1}) AS n, site, lamp_type;
`;
