import { isAddress } from '#libs/kernel';
import type { ImportedLamp } from '#libs/storage';
import type { ColumnPlan, Source } from './column-plan.js';
import type { Findings } from './findings.js';
import { unguardFormula } from './formula-guard.js';
import type { Field, Mapping } from './mapping.schema.js';
import type { RawRow, RawTable } from './raw-table.js';
import { readNumber } from './read-number.js';
import { readPosition, type Place } from './read-position.js';

/** A place that a file names: by address, or by a name from which an address was made. */
export interface NamedPlace {
  readonly address: string;
  readonly name: string;
}

/** A row that is right in itself. */
export interface ReadLamp extends Omit<ImportedLamp, 'cabinet' | 'groups'> {
  readonly line: number;
  readonly ratedPowerW: number | null;
  readonly cabinet: NamedPlace | null;
  readonly groups: readonly NamedPlace[];
}

const CONTROL = /[\u0000-\u001f\u007f]/;
const PHASES: Readonly<Record<string, string>> = { '1': 'L1', '2': 'L2', '3': 'L3', R: 'L1', S: 'L2', T: 'L3' };

/** Letters without their marks, and a hyphen for all that cannot stand in an address: `PT 12 Unirii` → `PT-12-Unirii`. */
export function toAddress(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._~-]+/g, '-');
  return plain.replace(/^[^A-Za-z0-9]+|-+$/g, '').slice(0, 64);
}

/** Reads rows one by one; what is wrong goes to the findings, all of it. */
export class RowReader {
  constructor(
    private readonly table: RawTable,
    private readonly plan: ColumnPlan,
    private readonly mapping: Mapping,
    private readonly site: Place,
    private readonly findings: Findings,
  ) {}

  /** Undefined when the row cannot be used at all; findings say why. */
  read(row: RawRow): ReadLamp | undefined {
    const address = this.address('lamp', row, true);
    const position = readPosition(row, this.plan, this.mapping, this.site, this.findings);
    const lamp = {
      line: row.line,
      device: this.address('device', row, false),
      lampType: this.address('lampType', row, false, true),
      ratedPowerW: this.number('ratedPowerW', row, 0.1, 100_000),
      cabinet: this.places('cabinet', row, undefined)[0] ?? null,
      circuit: this.text('circuit', row, 64),
      phase: this.phase(row),
      latitude: position?.latitude ?? null,
      longitude: position?.longitude ?? null,
      street: this.text('street', row, 200),
      pole: this.text('pole', row, 64),
      roadClass: this.text('roadClass', row, 16),
      mountingHeightM: this.number('mountingHeightM', row, 0.1, 100),
      groups: this.places('groups', row, this.mapping.groupSeparator ?? ';'),
    };
    return address === null ? undefined : { address, ...lamp };
  }

  private value(field: Field, row: RawRow): string {
    const text = this.plan.sources.get(field)?.read(row) ?? '';
    return this.table.format === 'csv' ? unguardFormula(text) : text;
  }

  private complain(field: Field, row: RawRow, value: string, problem: string): null {
    this.findings.add({ line: row.line, column: (this.plan.sources.get(field) as Source).name, value, problem });
    return null;
  }

  private address(field: Field, row: RawRow, required: boolean, always = false): string | null {
    const given = this.value(field, row);
    if (given === '') {
      if (required && this.plan.sources.has(field)) this.complain(field, row, '', 'is empty: every row needs one');
      return null;
    }
    if (isAddress(given)) return given;
    const cleaned = this.mapping.cleanAddresses === true || always ? toAddress(given) : '';
    if (cleaned !== '') return cleaned;
    return this.complain(
      field,
      row,
      given,
      'must be 1 to 64 letters, digits and . _ ~ - and begin with a letter or a digit: correct it, or set cleanAddresses in the mapping',
    );
  }

  private text(field: Field, row: RawRow, max: number): string | null {
    const text = this.value(field, row);
    if (text === '') return null;
    if (text.length > max)
      return this.complain(field, row, text, `is ${text.length} characters long: ${max} at the most`);
    if (CONTROL.test(text)) return this.complain(field, row, text, 'holds a line break or another control character');
    return text;
  }

  private number(field: Field, row: RawRow, min: number, max: number): number | null {
    const text = this.value(field, row);
    if (text === '') return null;
    const value = readNumber(text, this.mapping.decimalComma);
    if (value === undefined)
      return this.complain(field, row, text, 'is not a number: write it without unit, such as 57.5');
    return value >= min && value <= max ? value : this.complain(field, row, text, `must be from ${min} to ${max}`);
  }

  private phase(row: RawRow): string | null {
    const text = this.value('phase', row);
    if (text === '') return null;
    const phase = PHASES[text.toUpperCase()] ?? text.toUpperCase();
    return /^L[123]$/.test(phase) ? phase : this.complain('phase', row, text, 'must be L1, L2 or L3');
  }

  /** Cabinets and groups: a name that cannot be an address becomes one, and stays the name. */
  private places(field: 'cabinet' | 'groups', row: RawRow, separator: string | undefined): NamedPlace[] {
    const text = this.value(field, row);
    const names = separator === undefined ? [text] : text.split(separator);
    const places = new Map<string, NamedPlace>();
    for (const name of names.map((part) => part.trim()).filter((part) => part !== '')) {
      const address = isAddress(name) ? name : toAddress(name);
      if (address === '' || name.length > 200 || CONTROL.test(name)) {
        this.complain(field, row, name, 'cannot be made an address: use letters and digits');
      } else if (!places.has(address)) places.set(address, { address, name });
    }
    return [...places.values()];
  }
}
