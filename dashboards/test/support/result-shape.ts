import type { SqlOfPanel } from '../../src/bench/panel-queries.js';
import type { Result } from './dashboards-role.js';

const TIMESTAMPTZ = 1184;
const TEXT = new Set([25, 1043, 19]);
const NUMBERS = new Set([20, 21, 23, 700, 701, 1700]);

/** What keeps a panel from showing a result; empty when nothing does. */
export function problemsOf(query: SqlOfPanel, result: Result): string[] {
  const problems = result.rows.length === 0 ? ['no rows'] : [];
  problems.push(...(query.format === 'time_series' ? seriesProblems(result) : typeProblems(query, result)));
  return [...problems, ...namesThatAreNotThere(query, result)];
}

function seriesProblems({ columns, rows }: Result): string[] {
  const problems = [];
  const [time] = columns;
  if (time?.name !== 'time' || time.typeId !== TIMESTAMPTZ)
    problems.push('the first column is not a timestamptz `time`');
  if (!columns.slice(1).some(({ typeId }) => NUMBERS.has(typeId))) problems.push('no number');
  if (columns.some(({ typeId, name }) => TEXT.has(typeId) && name !== 'metric'))
    problems.push('a text that is not `metric`');
  const times = rows.map(([at]) => Number(at));
  if (times.some((at, index) => at < (times[index - 1] ?? at))) problems.push('not in the order of time');
  if (!rows.some((row) => row.slice(1).some((value) => value !== null && Number.isFinite(Number(value)))))
    problems.push('every number is null');
  return problems;
}

function typeProblems({ type, json }: SqlOfPanel, result: Result): string[] {
  switch (type) {
    case 'stat':
      return hasNumber(result) ? [] : ['no number that is not null'];
    case 'geomap':
      return mapProblems(result);
    case 'barchart':
      return hasText(result, String(json.options?.['xField'])) && hasNumber(result) ? [] : ['no names, or no numbers'];
    case 'annotation':
      return annotationProblems(result);
    case 'table':
      return result.columns.length < 2 ? ['a table of one column'] : [];
    default:
      return [`nothing is known here of what ${type} needs`];
  }
}

function mapProblems(result: Result): string[] {
  const degrees = ['latitude', 'longitude'].map((name) => valuesOf(result, name));
  const isOnEarth = degrees.every(
    (values) => values.length > 0 && values.every((value) => typeof value === 'number' && Math.abs(value) <= 180),
  );
  const lamps = valuesOf(result, 'lamps').reduce<number>((sum, count) => sum + Number(count), 0);
  return [...(isOnEarth ? [] : ['places that are none']), ...(lamps === 120 ? [] : [`${lamps} lamps of 120`])];
}

function annotationProblems({ columns }: Result): string[] {
  const time = columns.find(({ name }) => name === 'time');
  const isText = columns.some(({ name, typeId }) => name === 'text' && TEXT.has(typeId));
  return time?.typeId === TIMESTAMPTZ && isText ? [] : ['no time, or no text'];
}

/** Overrides of columns that the query does not have do nothing, silently. */
function namesThatAreNotThere({ json, rawSql }: SqlOfPanel, { columns }: Result): string[] {
  const metrics = columns.some(({ name }) => name === 'metric') ? rawSql : '';
  return (json.fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.id === 'byName')
    .map(({ matcher }) => matcher.options)
    .filter((name) => !columns.some((column) => column.name === name) && !metrics.includes(`'${name}'`))
    .map((name) => `an override of "${name}", which is not there`);
}

function valuesOf({ columns, rows }: Result, name: string): unknown[] {
  const index = columns.findIndex((column) => column.name === name);
  return index < 0 ? [] : rows.map((row) => row[index]);
}

function hasText(result: Result, name: string): boolean {
  return result.columns.some((column) => column.name === name && TEXT.has(column.typeId));
}

function hasNumber({ columns, rows }: Result): boolean {
  return columns.some(({ typeId }, index) => NUMBERS.has(typeId) && rows.some((row) => row[index] !== null));
}
