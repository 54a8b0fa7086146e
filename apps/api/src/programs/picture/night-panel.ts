import type { Place } from '#libs/astronomy';
import type { NightCurve } from '#libs/schedules';
import { clockOf } from '../night/local-time.js';
import { rampsOf } from '../night/ramps.js';
import type { SunEventName, SunView } from '../night/sun.js';
import { clockChange, hourTicks } from './clock-axis.js';
import { placeLabels } from './place-labels.js';
import { skyBands } from './sky.js';
import { fitted, label, pathOf, tag, widthOf } from './svg.js';

export const WIDTH = 1200;
const LEFT = 58;
const RIGHT = 26;
const SMALL = 11;
const ROW = 15;

export interface NightPanel {
  readonly date: string;
  readonly place: Place;
  readonly curve: NightCurve;
  readonly sun: SunView;
  readonly points: readonly { readonly utc: string; readonly levelPercent: number; readonly fadeS: number }[];
  readonly heading: string;
  readonly figures: string;
}

/** One night, local noon to local noon: sky, level, when the sun and the lamp do what. */
export function drawNight(panel: NightPanel, top: number, plotHeight: number): { svg: string; height: number } {
  const { curve, place } = panel;
  const { startMs, endMs } = curve;
  const x = (ms: number) => LEFT + ((ms - startMs) / (endMs - startMs)) * (WIDTH - LEFT - RIGHT);
  const sunLabels = placed(sunMarks(panel, x));
  const pointLabels = placed(pointMarks(panel, x));
  const plotTop = top + 46 + sunLabels.rows * ROW + 4;
  const bottom = plotTop + plotHeight;
  const y = (level: number) => bottom - (level / 100) * plotHeight;
  const parts = [
    label(fitted(panel.heading, 15, WIDTH - LEFT - RIGHT), LEFT, top + 16, { 'font-size': 15, 'font-weight': 'bold' }),
    label(panel.figures, LEFT, top + 35, { 'font-size': 13 }),
    ...skyBands(place, panel.date, startMs, endMs).map(({ fromMs, toMs, colour }) =>
      tag('rect', { x: x(fromMs), y: plotTop, width: x(toMs) - x(fromMs), height: plotHeight, fill: colour }),
    ),
    ...gridLines(y),
    levelArea(curve, x, y),
    ...levelLabels(curve, x, y),
    ...hourAxis(panel, x, plotTop, bottom),
    ...sunLabels.marks.flatMap(({ mark, left, row }) => {
      const textY = plotTop - 7 - row * ROW;
      const line = {
        x1: mark.x,
        x2: mark.x,
        y1: textY + 3,
        y2: bottom,
        stroke: mark.colour,
        'stroke-dasharray': '4 3',
      };
      return [
        ...(mark.hasLine ? [tag('line', { ...line, 'stroke-width': 1.3 })] : []),
        label(mark.words, left, textY, { 'font-size': SMALL, fill: mark.colour }),
      ];
    }),
    ...pointLabels.marks.flatMap(({ mark, left, row }) => {
      const textY = bottom + 36 + row * ROW;
      const line = { x1: mark.x, x2: mark.x, y1: bottom + 20, y2: textY - 10, stroke: '#c98a00' };
      return [
        tag('line', line),
        label(mark.words, left, textY, { 'font-size': SMALL, 'font-weight': 'bold', fill: mark.colour }),
      ];
    }),
    tag('rect', {
      x: LEFT,
      y: plotTop,
      width: WIDTH - LEFT - RIGHT,
      height: plotHeight,
      fill: 'none',
      stroke: '#7b8794',
    }),
  ];
  return { svg: tag('g', {}, ...parts), height: bottom + 26 + pointLabels.rows * ROW + 14 - top };
}

interface Mark {
  readonly x: number;
  readonly words: string;
  readonly colour: string;
  readonly hasLine: boolean;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** What has a line is nearest to the plot, so that no line crosses what has none. */
function placed(marks: readonly Mark[]) {
  const place = (some: readonly Mark[], firstRow: number) => {
    const wanted = some.map(({ x, anchor, words }) => ({ x, anchor, width: widthOf(words, SMALL) }));
    const { placed: places, rows } = placeLabels(wanted, LEFT, WIDTH - RIGHT);
    const at = places.map(({ left, row }, index) => ({ mark: some[index] as Mark, left, row: row + firstRow }));
    return { rows: firstRow + rows, marks: at };
  };
  const lined = place(
    marks.filter(({ hasLine }) => hasLine),
    0,
  );
  const others = place(
    marks.filter(({ hasLine }) => !hasLine),
    lined.rows,
  );
  return { rows: others.rows, marks: [...lined.marks, ...others.marks] };
}

const SUN_MARKS = [
  ['sunset', 'sunset', '#c2410c', 'end'],
  ['civilDusk', 'civil dusk', '#5b3fb0', 'start'],
  ['civilDawn', 'civil dawn', '#5b3fb0', 'end'],
  ['sunrise', 'sunrise', '#c2410c', 'start'],
] as const satisfies readonly (readonly [SunEventName, string, string, Mark['anchor']])[];

/** What happens has a line; what does not is said in the middle, once. */
function sunMarks({ sun, place, curve }: NightPanel, x: (ms: number) => number): Mark[] {
  const marks: Mark[] = [];
  const said = new Set<string>();
  for (const [name, words, colour, anchor] of SUN_MARKS) {
    const { event, utc, words: why } = sun[name];
    const ms = utc === null ? undefined : Date.parse(utc);
    if (ms !== undefined && ms >= curve.startMs && ms <= curve.endMs) {
      marks.push({ x: x(ms), words: `${words} ${clockOf(ms, place.timeZone)}`, colour, hasLine: true, anchor });
    } else if (event !== 'at' && !isSaid(name, sun)) {
      said.add(why);
    }
  }
  const middle = x((curve.startMs + curve.endMs) / 2);
  for (const words of said) marks.push({ x: middle, words, colour: '#3e4c59', hasLine: false, anchor: 'middle' });
  const change = clockChange(curve.startMs, curve.endMs, place.timeZone);
  if (change !== undefined)
    marks.push({ x: x(change.ms), words: change.words, colour: '#0b7285', hasLine: true, anchor: 'middle' });
  return marks;
}

/** What follows from what is said already: no sunset, no dusk; of the morning what the evening says. */
function isSaid(name: SunEventName, sun: SunView): boolean {
  if (name.startsWith('civil') && sun.sunset.event === 'staysAbove') return true;
  if (name === 'sunrise') return sun.sunset.event !== 'at';
  return name === 'civilDawn' && sun.civilDusk.event !== 'at';
}

function pointMarks({ points, place }: NightPanel, x: (ms: number) => number): Mark[] {
  return points.map(({ utc, levelPercent, fadeS }) => {
    const ms = Date.parse(utc);
    const level = levelPercent === 0 ? 'off' : `${percent(levelPercent)} %`;
    const fade = fadeS >= 120 ? ` in ${percent(fadeS / 60)} min` : '';
    const words = `${clockOf(ms, place.timeZone)} → ${level}${fade}`;
    return { x: x(ms), words, colour: '#7a5200', hasLine: true, anchor: 'start' };
  });
}

function gridLines(y: (level: number) => number): string[] {
  return [0, 25, 50, 75, 100].flatMap((level) => [
    tag('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(level), y2: y(level), stroke: '#8fa3bf', 'stroke-opacity': 0.45 }),
    label(`${level} %`, LEFT - 6, y(level) + 4, { 'font-size': SMALL, 'text-anchor': 'end' }),
  ]);
}

function levelArea(curve: NightCurve, x: (ms: number) => number, y: (level: number) => number): string {
  const line = rampsOf(curve).flatMap(({ fromMs, toMs, fromLevel, toLevel }): [number, number][] => [
    [x(fromMs), y(fromLevel)],
    [x(toMs), y(toLevel)],
  ]);
  const area = [[x(curve.startMs), y(0)] as const, ...line, [x(curve.endMs), y(0)] as const];
  return (
    tag('path', { d: pathOf(area, true), fill: '#ffc93c', 'fill-opacity': 0.93 }) +
    tag('path', { d: pathOf(line), fill: 'none', stroke: '#d98e00', 'stroke-width': 2, 'stroke-linejoin': 'round' })
  );
}

/** The level on every step that is wide enough. */
function levelLabels({ segments }: NightCurve, x: (ms: number) => number, y: (level: number) => number): string[] {
  return segments.flatMap(({ fromMs, toMs, levelPercent }) => {
    const words = `${percent(levelPercent)} %`;
    if (levelPercent === 0 || x(toMs) - x(fromMs) < widthOf(words, 13) + 8) return [];
    const inside = y(0) - y(levelPercent) > 22;
    const at = {
      'font-size': 13,
      'font-weight': 'bold',
      'text-anchor': 'middle',
      fill: inside ? '#4d3400' : '#ffc93c',
    };
    return [label(words, (x(fromMs) + x(toMs)) / 2, y(levelPercent) + (inside ? 17 : -5), at)];
  });
}

function hourAxis({ curve, place }: NightPanel, x: (ms: number) => number, top: number, bottom: number): string[] {
  return hourTicks(curve.startMs, curve.endMs, place.timeZone).flatMap(({ ms, hour }) => [
    tag('line', {
      x1: x(ms),
      x2: x(ms),
      y1: top,
      y2: bottom,
      stroke: '#8fa3bf',
      'stroke-opacity': hour === '00' ? 0.9 : 0.3,
    }),
    tag('line', { x1: x(ms), x2: x(ms), y1: bottom, y2: bottom + 4, stroke: '#7b8794' }),
    label(hour, x(ms), bottom + 16, { 'font-size': SMALL, 'text-anchor': 'middle', fill: '#3e4c59' }),
  ]);
}

function percent(value: number): string {
  return String(Math.round(value * 10) / 10);
}
