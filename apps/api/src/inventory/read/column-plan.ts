import type { Findings } from './findings.js';
import { FIELDS, type Field, type Mapping } from './mapping.schema.js';
import type { RawRow, RawTable } from './raw-table.js';

/** Where the value of a field comes from. */
export interface Source {
  /** The column's name for messages. */
  readonly name: string;
  readonly read: (row: RawRow) => string;
}

/** For each field that the file carries, its source. */
export interface ColumnPlan {
  readonly sources: ReadonlyMap<Field | 'coordinates', Source>;
  readonly ignoredColumns: readonly string[];
}

/** Fits the mapping, or our own names, onto the columns of the file. Names may differ in the case of letters. */
export function planColumns(table: RawTable, mapping: Mapping, findings: Findings): ColumnPlan {
  const used = new Set<number>();
  const find = (name: string): number | undefined => {
    const exact = table.columns.indexOf(name.trim());
    const index =
      exact >= 0 ? exact : table.columns.findIndex((own) => own.toLowerCase() === name.trim().toLowerCase());
    if (index < 0) return undefined;
    used.add(index);
    return index;
  };
  const sources = new Map<Field | 'coordinates', Source>();
  const wanted = mapping.columns ?? Object.fromEntries(FIELDS.map((field) => [field, field]));
  for (const [field, from] of Object.entries(wanted) as [Field | 'coordinates', string | undefined][]) {
    if (from === undefined) continue;
    const source = from.startsWith('=') ? constant(from.slice(1), find, table, findings) : column(find(from), from);
    if (source !== undefined) sources.set(field, source);
    else if (mapping.columns !== undefined) findings.add(noColumn(from, table));
  }
  if (table.format === 'geojson') addGeometry(sources, used);
  addDefaults(sources, mapping.defaults ?? {});
  requireFields(sources, table, findings);
  return { sources, ignoredColumns: table.columns.filter((name, index) => name !== '' && !used.has(index)) };
}

/** The geometry says where the lamp stands, whatever the mapping says about other fields. */
function addGeometry(sources: Map<Field | 'coordinates', Source>, used: Set<number>): void {
  if (!sources.has('coordinates')) {
    if (!sources.has('latitude')) sources.set('latitude', column(0, 'latitude') as Source);
    if (!sources.has('longitude')) sources.set('longitude', column(1, 'longitude') as Source);
  }
  used.add(0).add(1);
}

function column(index: number | undefined, name: string): Source | undefined {
  return index === undefined ? undefined : { name, read: (row) => row.cells[index] ?? '' };
}

/** `LED-57`, or `LED-{Putere_W}` with values of other columns in it; empty when one of those is. */
function constant(
  template: string,
  find: (name: string) => number | undefined,
  table: RawTable,
  findings: Findings,
): Source | undefined {
  const parts = template.split(/\{([^{}]+)\}/);
  const indexes = parts.map((part, index) => (index % 2 === 1 ? find(part) : undefined));
  const missing = parts.find((_, index) => index % 2 === 1 && indexes[index] === undefined);
  if (missing !== undefined) {
    findings.add(noColumn(missing, table));
    return { name: `=${template}`, read: () => '' };
  }
  return {
    name: `=${template}`,
    read: (row) => {
      const values = parts.map((part, index) => (index % 2 === 1 ? (row.cells[indexes[index] as number] ?? '') : part));
      return values.some((value, index) => index % 2 === 1 && value === '') ? '' : values.join('');
    },
  };
}

function noColumn(name: string, table: RawTable) {
  const known = table.columns
    .filter((own) => own !== '')
    .slice(0, 40)
    .join(', ');
  return { column: name, problem: `there is no such column; the file has ${known}` };
}

function addDefaults(
  sources: Map<Field | 'coordinates', Source>,
  defaults: Partial<Record<Field, string | undefined>>,
): void {
  for (const [field, value] of Object.entries(defaults) as [Field, string | undefined][]) {
    if (value === undefined) continue;
    const source = sources.get(field);
    sources.set(field, { name: source?.name ?? field, read: (row) => source?.read(row) || value });
  }
}

function requireFields(sources: Map<Field | 'coordinates', Source>, table: RawTable, findings: Findings): void {
  if (!sources.has('lamp')) {
    findings.add({
      column: 'lamp',
      problem: `no column says which lamp a row is about: name it lamp, or map it (the file has ${table.columns.slice(0, 40).join(', ')})`,
    });
  }
  if (sources.has('latitude') !== sources.has('longitude')) {
    findings.add({ problem: 'latitude and longitude go together: the file carries only one of them' });
  }
}
