import { planColumns } from './column-plan.js';
import { decodeText } from './decode-text.js';
import { Findings } from './findings.js';
import type { Field, Mapping } from './mapping.schema.js';
import { parseCsv } from './parse-csv.js';
import { parseGeoJson } from './parse-geojson.js';
import type { RawTable } from './raw-table.js';
import type { Place } from './read-position.js';
import { RowReader, type ReadLamp } from './read-row.js';

/** An inventory file, understood as far as it can be without the database. */
export interface ReadInventory {
  readonly format: 'csv' | 'geojson';
  readonly delimiter?: string;
  readonly rowCount: number;
  readonly lamps: readonly ReadLamp[];
  readonly carried: ReadonlySet<Field>;
  readonly ignoredColumns: readonly string[];
  readonly findings: Findings;
}

/** Reads a file as a whole: everything that is wrong is found, not only the first. */
export function readInventory(bytes: Uint8Array, mapping: Mapping, site: Place): ReadInventory {
  const findings = new Findings();
  const table = readTable(bytes, mapping, findings);
  if (table === undefined) {
    return { format: 'csv', rowCount: 0, lamps: [], carried: new Set(), ignoredColumns: [], findings };
  }
  const plan = planColumns(table, mapping, findings);
  if (table.rows.length === 0 && findings.total === 0) findings.add({ problem: 'the file has columns and no rows' });
  const reader = new RowReader(table, plan, mapping, site, findings);
  const lamps = table.rows.flatMap((row) => reader.read(row) ?? []);
  const lampColumn = plan.sources.get('lamp')?.name ?? 'lamp';
  return {
    format: table.format,
    ...(table.delimiter === undefined ? {} : { delimiter: table.delimiter }),
    rowCount: table.rows.length,
    lamps: withoutDuplicates(lamps, lampColumn, findings),
    carried: carriedFields([...plan.sources.keys()]),
    ignoredColumns: plan.ignoredColumns,
    findings,
  };
}

function readTable(bytes: Uint8Array, mapping: Mapping, findings: Findings): RawTable | undefined {
  const text = decodeText(bytes, mapping.encoding);
  if (!text.ok) {
    findings.add({ problem: text.error });
    return undefined;
  }
  const table = /^[\s\uFEFF]*[{[]/.test(text.value)
    ? parseGeoJson(text.value, mapping.groupSeparator ?? ';', findings)
    : parseCsv(text.value, mapping.delimiter);
  if (table.ok) return table.value;
  findings.add(table.error);
  return undefined;
}

function carriedFields(fields: readonly (Field | 'coordinates')[]): Set<Field> {
  return new Set(fields.flatMap((field): Field[] => (field === 'coordinates' ? ['latitude', 'longitude'] : [field])));
}

/** A lamp stands in a file once; every repetition is named with the line where the lamp stood first. */
function withoutDuplicates(lamps: readonly ReadLamp[], column: string, findings: Findings): ReadLamp[] {
  const first = new Map<string, ReadLamp>();
  for (const lamp of lamps) {
    const earlier = first.get(lamp.address);
    if (earlier === undefined) first.set(lamp.address, lamp);
    else {
      findings.add({
        line: lamp.line,
        column,
        value: lamp.address,
        problem: `lines ${earlier.line} and ${lamp.line} are about the same lamp: keep one of them`,
      });
    }
  }
  return [...first.values()];
}
