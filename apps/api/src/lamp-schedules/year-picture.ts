import { nightEvents, type Crossing, type Place } from '#libs/astronomy';
import { addDays, localDateOf, wallTimeOf } from '#libs/kernel';
import { dateInWords, monthName } from '../programs/picture/dates.js';
import { fitted, label, pathOf, svgDocument, tag, widthOf } from '../programs/picture/svg.js';
import type { YearView } from './lamp-schedule.schema.js';

const WIDTH = 1100;
const LEFT = 96;
const PLOT_RIGHT = 1050;
const TOP = 92;
const DAY = '#e8f2fb';
const NIGHT = '#2c3a5e';
/** Beside the plot: which program each night has. */
const STRIP = { x: PLOT_RIGHT + 8, width: 14 };
const PROGRAM_COLOURS = ['#4c78a8', '#f58518', '#54a24b', '#b279a2', '#e45756', '#72b7b2', '#9d755d', '#bab0ac'];
const CURVES = [
  ['sunset', '#ff6b35', 'sunset, sunrise', undefined],
  ['civilDusk', '#9b30e0', 'civil dusk, civil dawn', '5 3'],
  ['civilDawn', '#9b30e0', '', '5 3'],
  ['sunrise', '#ff6b35', '', undefined],
] as const;

type Sky = ReturnType<typeof nightEvents>;

/** A year of a lamp: a line a night, local noon to local noon by the wall clock, the colour its level. */
export function drawYear(year: YearView, place: Place): string {
  const rowHeight = Math.min(24, Math.max(2, Math.ceil(732 / year.days)));
  const bottom = TOP + year.days * rowHeight;
  const x = (ms: number, date: string) => LEFT + (wallMinutes(ms, date, place.timeZone) / 1440) * (PLOT_RIGHT - LEFT);
  const y = (index: number) => TOP + index * rowHeight;
  const dates = Array.from({ length: year.days }, (_, index) => addDays(year.from, index));
  const skies = dates.map((date) => nightEvents(place, date));
  const programs = [...new Set(year.nights.map(({ program }) => program))];
  const last = addDays(year.from, year.days - 1);
  const title = `Lamp ${year.lamp} of site ${year.site} · ${dateInWords(year.from)} to ${dateInWords(last)}`;
  const facts = year.nights.length === 0 ? year.message : `${year.message} · ${year.burningHours.toFixed(0)} h lit`;
  const parts = [
    label(fitted(title, 16, WIDTH - 60), LEFT, 26, { 'font-size': 16, 'font-weight': 'bold' }),
    label(fitted(facts, 12, WIDTH - LEFT - 20), LEFT, 46, { 'font-size': 12 }),
    tag('rect', { x: LEFT, y: TOP, width: PLOT_RIGHT - LEFT, height: bottom - TOP, fill: DAY }),
    ...skies.map((sky, index) => darkness(sky, dates[index] ?? '', x, y(index), rowHeight)),
    ...year.nights.flatMap((night, index) =>
      night.segments
        .filter(({ levelPercent }) => levelPercent > 0)
        .map(({ from, to, levelPercent }) => {
          const [left, right] = [x(Date.parse(from), night.date), x(Date.parse(to), night.date)];
          const width = Math.max(0, right - left);
          return tag('rect', { x: left, y: y(index), width, height: rowHeight, fill: levelColour(levelPercent) });
        }),
    ),
    ...year.nights.map(({ program }, index) =>
      tag('rect', { ...STRIP, y: y(index), height: rowHeight, fill: programColour(programs.indexOf(program)) }),
    ),
    ...CURVES.flatMap(([name, colour, , dashes]) =>
      sunCurve(skies, name, (ms, index) => [x(ms, dates[index] ?? ''), y(index + 0.5)]).map((d) =>
        tag('path', { d, fill: 'none', stroke: colour, 'stroke-width': 1.8, 'stroke-dasharray': dashes }),
      ),
    ),
    ...hourAxis(bottom),
    ...dateAxis(dates, y, bottom),
    tag('rect', { x: LEFT, y: TOP, width: PLOT_RIGHT - LEFT, height: bottom - TOP, fill: 'none', stroke: '#7b8794' }),
  ];
  const key = legend(programs, bottom + 44, year.timeZone);
  return svgDocument(WIDTH, bottom + 44 + key.height, `${title}: ${facts}`, [...parts, key.svg]);
}

/** Minutes of the wall clock since the noon of the date, 0 to 1440. */
function wallMinutes(ms: number, date: string, timeZone: string): number {
  const wall = wallTimeOf(ms, timeZone);
  const days = wall.date === date ? 0 : wall.date < date ? -1 : localDateOf(ms, timeZone) === addDays(date, 1) ? 1 : 2;
  return Math.max(0, Math.min(1440, days * 1440 + wall.minuteOfDay - 720));
}

function darkness(
  { sunset, sunrise }: Sky,
  date: string,
  x: (ms: number, date: string) => number,
  y: number,
  height: number,
): string {
  if (sunset.kind === 'staysAbove' || sunrise.kind === 'staysAbove') return '';
  const left = sunset.kind === 'at' ? x(sunset.ms, date) : LEFT;
  const right = sunrise.kind === 'at' ? x(sunrise.ms, date) : PLOT_RIGHT;
  return left < right ? tag('rect', { x: left, y, width: right - left, height, fill: NIGHT }) : '';
}

/** A curve is broken where the event does not happen, and where the clocks change. */
function sunCurve(
  skies: readonly Sky[],
  name: (typeof CURVES)[number][0],
  at: (ms: number, index: number) => [number, number],
): string[] {
  const pieces: [number, number][][] = [[]];
  skies.forEach((sky, index) => {
    const crossing: Crossing = sky[name];
    const point = crossing.kind === 'at' ? at(crossing.ms, index) : undefined;
    const last = pieces.at(-1)?.at(-1);
    if (point === undefined || (last !== undefined && Math.abs(last[0] - point[0]) > 30)) pieces.push([]);
    if (point !== undefined) pieces.at(-1)?.push(point);
  });
  return pieces.filter((piece) => piece.length > 1).map((piece) => pathOf(piece));
}

function hourAxis(bottom: number): string[] {
  return Array.from({ length: 13 }, (_, index) => index * 2).flatMap((hours) => {
    const x = LEFT + (hours / 24) * (PLOT_RIGHT - LEFT);
    const words = String((hours + 12) % 24).padStart(2, '0');
    const line = {
      x1: x,
      x2: x,
      y1: TOP,
      y2: bottom,
      stroke: '#8fa3bf',
      'stroke-opacity': words === '00' ? 0.9 : 0.35,
    };
    const at = { 'font-size': 11, 'text-anchor': 'middle', fill: '#3e4c59' };
    return [tag('line', line), label(words, x, TOP - 7, at), label(words, x, bottom + 15, at)];
  });
}

/** Months, or, of a few nights, the dates. */
function dateAxis(dates: readonly string[], y: (index: number) => number, bottom: number): string[] {
  const step = dates.length > 62 ? undefined : Math.ceil(dates.length / 31);
  let lastLabelY = -Infinity;
  return dates.flatMap((date, index) => {
    const isMonth = index === 0 || date.endsWith('-01');
    if (step === undefined ? !isMonth : index % step !== 0) return [];
    const words = step === undefined ? `${monthName(date).slice(0, 3)} ${date.slice(0, 4)}` : date;
    const top = y(index);
    const line = { x1: LEFT - 6, x2: PLOT_RIGHT, y1: top, y2: top, stroke: '#8fa3bf', 'stroke-opacity': 0.5 };
    // The first month may have a few days only: the label of the next one goes before.
    const nextMonth = dates.findIndex((other, at) => at > index && other.endsWith('-01'));
    const isCramped = step === undefined && index === 0 && nextMonth !== -1 && y(nextMonth) - top < 14;
    if (isCramped || top - lastLabelY < 12 || top + 12 > bottom + 6) return [tag('line', line)];
    lastLabelY = top;
    return [tag('line', line), label(words, LEFT - 10, top + 12, { 'font-size': 11, 'text-anchor': 'end' })];
  });
}

/** From a dim brown to a bright yellow. */
function levelColour(percent: number): string {
  const part = Math.min(1, Math.max(0, percent / 100));
  const mixed = [
    [122, 255],
    [74, 214],
    [30, 64],
  ].map(([dim = 0, bright = 0]) => Math.round(dim + (bright - dim) * part));
  return `rgb(${mixed.join(',')})`;
}

function programColour(index: number): string {
  return PROGRAM_COLOURS[index % PROGRAM_COLOURS.length] ?? '#bab0ac';
}

function legend(programs: readonly string[], y: number, timeZone: string): { svg: string; height: number } {
  const levels = [10, 25, 50, 75, 100].map((percent) => box(levelColour(percent), `${percent} %`));
  const skies = [box(NIGHT, 'sun down, lamp off'), box(DAY, 'day, lamp off')];
  const curves = CURVES.filter(([, , words]) => words !== '').map(([, colour, words, dashes]) =>
    stroke(colour, words, dashes),
  );
  const first = row([...levels, ...skies, ...curves], y);
  const named = programs.slice(0, 40).map((program, index) => box(programColour(index), program));
  const second =
    named.length === 0
      ? { svg: '', bottom: first.bottom }
      : row(named, first.bottom + 20, 'Programs, at the right edge:');
  const note = label(`Wall clock of ${timeZone}; the date is that of the evening`, LEFT, second.bottom + 22, {
    'font-size': 11,
    fill: '#3e4c59',
  });
  return { svg: first.svg + second.svg + note, height: second.bottom + 34 - y };
}

interface Entry {
  readonly words: string;
  readonly draw: (x: number, y: number) => string;
}

function box(colour: string, words: string): Entry {
  return {
    words,
    draw: (x, y) => tag('rect', { x, y: y - 9, width: 14, height: 11, fill: colour, stroke: '#9aa5b1' }),
  };
}

function stroke(colour: string, words: string, dashes: string | undefined): Entry {
  const line = { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dashes };
  return { words, draw: (x, y) => tag('line', { x1: x, x2: x + 14, y1: y - 4, y2: y - 4, ...line }) };
}

/** Entries side by side, in as many lines as they need. */
function row(entries: readonly Entry[], top: number, heading = ''): { svg: string; bottom: number } {
  let [x, y] = [LEFT + (heading === '' ? 0 : widthOf(heading, 11) + 12), top];
  const drawn = entries.map(({ words, draw }) => {
    const width = 19 + widthOf(words, 11) + 14;
    if (x + width > WIDTH - 20) [x, y] = [LEFT, y + 18];
    const entry = draw(x, y) + label(words, x + 19, y, { 'font-size': 11 });
    x += width;
    return entry;
  });
  return { svg: (heading === '' ? '' : label(heading, LEFT, top, { 'font-size': 11 })) + drawn.join(''), bottom: y };
}
