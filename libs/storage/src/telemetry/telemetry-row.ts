/** One reading as it is stored. Absent measures are undefined. */
export interface TelemetryRow {
  readonly lampId: number;
  /** When it was measured, ms since the epoch. */
  readonly timeMs: number;
  readonly receivedAtMs: number;
  readonly sequence?: number | undefined;
  readonly lightLevelPercent?: number | undefined;
  readonly activePowerW?: number | undefined;
  readonly supplyVoltageV?: number | undefined;
  readonly supplyCurrentA?: number | undefined;
  readonly powerFactor?: number | undefined;
  readonly activeEnergyWh?: number | undefined;
  readonly operatingHours?: number | undefined;
  readonly switchOnCount?: number | undefined;
  readonly temperatureC?: number | undefined;
  readonly events?: readonly string[] | undefined;
  readonly levelInEffectPercent?: number | undefined;
  readonly levelReason?: string | undefined;
  /** Of the message that brought it: letters, digits and hyphens. */
  readonly messageId?: string | undefined;
  /** How far the device's clock was off for certain when it sent this, ms: positive when ahead. Undefined: it does not say. */
  readonly clockOffsetMs?: number | undefined;
  /** Not before this by the right clock, ms since the epoch, as far as it is known when its message can have been sent. */
  readonly madeAfterMs?: number | undefined;
}

/** How a column is written: its name, its type in `unnest`, its value as text of a PostgreSQL array element. */
interface ColumnWriter {
  readonly column: string;
  readonly arrayType: string;
  /** The expression that turns the unnested value into the column's. */
  readonly expression: (name: string) => string;
  readonly text: (row: TelemetryRow) => number | string | undefined;
}

const asIs = (name: string) => name;
const fromMs = (name: string) => `to_timestamp(${name} / 1000.0)`;

function measure(column: string, arrayType: string, text: ColumnWriter['text']): ColumnWriter {
  return { column, arrayType, expression: asIs, text };
}

/** Nothing that lamps measure is told apart from nothing below this; and PostgreSQL refuses what its types, or its arithmetic, round to 0. */
const LEAST = 1e-9;

function quantity(column: string, arrayType: string, of: (row: TelemetryRow) => number | undefined): ColumnWriter {
  return measure(column, arrayType, (row) => {
    const value = of(row);
    return value !== undefined && Math.abs(value) < LEAST ? 0 : value;
  });
}

/** Every column of telemetry, in order. */
export const TELEMETRY_COLUMNS: readonly ColumnWriter[] = [
  measure('lamp_id', 'integer', (row) => row.lampId),
  { column: 'time', arrayType: 'double precision', expression: fromMs, text: (row) => row.timeMs },
  { column: 'received_at', arrayType: 'double precision', expression: fromMs, text: (row) => row.receivedAtMs },
  measure('sequence', 'bigint', (row) => row.sequence),
  quantity('light_level_percent', 'real', (row) => row.lightLevelPercent),
  quantity('active_power_w', 'real', (row) => row.activePowerW),
  quantity('supply_voltage_v', 'real', (row) => row.supplyVoltageV),
  quantity('supply_current_a', 'real', (row) => row.supplyCurrentA),
  quantity('power_factor', 'real', (row) => row.powerFactor),
  quantity('active_energy_wh', 'double precision', (row) => row.activeEnergyWh),
  quantity('operating_hours', 'double precision', (row) => row.operatingHours),
  measure('switch_on_count', 'bigint', (row) => row.switchOnCount),
  quantity('temperature_c', 'real', (row) => row.temperatureC),
  {
    column: 'events',
    arrayType: 'text',
    // Arrays of arrays cannot be unnested row by row; event names hold no bar, no quote and no comma.
    expression: (name) => `string_to_array(${name}, '|')`,
    text: (row) => (row.events === undefined || row.events.length === 0 ? undefined : row.events.join('|')),
  },
];

/** Every column of lamp_state: telemetry's, and what only the newest reading is asked for. */
export const STATE_COLUMNS: readonly ColumnWriter[] = [
  ...TELEMETRY_COLUMNS,
  quantity('level_in_effect_percent', 'real', (row) => row.levelInEffectPercent),
  // One of a few words of the contract.
  measure('level_reason', 'text', (row) => row.levelReason),
  measure('message_id', 'text', (row) => row.messageId),
  measure('clock_offset_s', 'double precision', (row) =>
    row.clockOffsetMs === undefined ? undefined : row.clockOffsetMs / 1000,
  ),
  { column: 'made_after', arrayType: 'double precision', expression: fromMs, text: (row) => row.madeAfterMs },
];

/** The rows as one PostgreSQL array literal per column: `{1,2,NULL}`. Some times faster than the driver's own. */
export function columnLiterals(rows: readonly TelemetryRow[], columns = TELEMETRY_COLUMNS): string[] {
  return columns.map(({ text }) => {
    let literal = '{';
    for (let index = 0; index < rows.length; index += 1) {
      if (index > 0) literal += ',';
      literal += text(rows[index] as TelemetryRow) ?? 'NULL';
    }
    return `${literal}}`;
  });
}
