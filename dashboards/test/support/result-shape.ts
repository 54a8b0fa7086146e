import type { PanelJson, SqlOfPanel } from '../../src/bench/panel-queries.js';
import type { Result } from './dashboards-role.js';

const TIMESTAMPTZ = 1184;
const TEXT = new Set([25, 1043, 19]);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
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
  if (columns.some(({ name }) => name === 'value') && !columns.some(({ name }) => name === 'metric'))
    problems.push('a series that is called value');
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
      return hasNumber(result) || showsTexts(json) ? [] : ['no number that is not null'];
    case 'geomap':
      return mapProblems(result);
    case 'barchart':
      return barProblems(result, String(json.options?.['xField']));
    case 'annotation':
      return annotationProblems(result);
    case 'table':
      return tableProblems(json, result);
    default:
      return [`nothing is known here of what ${type} needs`];
  }
}

/** Stats show texts only when their fields are asked for by a pattern. */
function showsTexts(json: PanelJson): boolean {
  return (json.options?.['reduceOptions'] as { fields?: string } | undefined)?.fields === '/.*/';
}

function barProblems(result: Result, xField: string): string[] {
  if (!hasText(result, xField) || !hasNumber(result)) return ['no names, or no numbers'];
  const months = valuesOf(result, xField).map((name) => MONTHS.indexOf(String(name)));
  const areMonths = months.every((month) => month >= 0);
  return areMonths && months.some((month, index) => month <= (months[index - 1] ?? -1)) ? ['months out of order'] : [];
}

/** px of a panel over the whole of a small screen: 1280 without Grafana's margins and a scroll bar. */
const SMALL_SCREEN_PX = 1230;

/** Grafana gives a column its width, and the others an equal share of what is left, but no less than their least: beyond that, it scrolls. */
function tableProblems({ gridPos, fieldConfig }: PanelJson, { columns }: Result): string[] {
  if (columns.length < 2) return ['a table of one column'];
  const least = Number(fieldConfig?.defaults?.custom?.['minWidth']);
  const widths = columns.map(({ name }) =>
    Number(
      (fieldConfig?.overrides ?? [])
        .filter(({ matcher }) => matcher.id === 'byName' && matcher.options === name)
        .flatMap(({ properties }) => properties)
        .find(({ id }) => id === 'custom.width' || id === 'custom.minWidth')?.value ?? least,
    ),
  );
  const needed = widths.reduce((sum, width) => sum + width, 0);
  const given = Math.floor((SMALL_SCREEN_PX * (gridPos?.w ?? 0)) / 24);
  return needed <= given ? [] : [`columns of ${needed} px, where ${given} px are seen`];
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
