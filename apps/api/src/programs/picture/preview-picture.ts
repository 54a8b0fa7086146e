import type { NightCurve } from '#libs/schedules';
import type { PreviewView } from '../preview.schema.js';
import { dateInWords, nightInWords } from './dates.js';
import { drawNight, WIDTH } from './night-panel.js';
import { SKY } from './sky.js';
import { fitted, label, svgDocument, tag, widthOf } from './svg.js';

export interface Caption {
  readonly title: string;
  readonly place: string;
}

/** All nights of a preview, one below another. */
export function drawPreview(view: PreviewView, { title, place }: Caption): string {
  const { nights, totals } = view;
  const plotHeight = nights.length === 1 ? 260 : nights.length <= 4 ? 160 : 96;
  const heading = `${title} · ${place}`;
  const first = nights[0]?.date ?? '';
  const parts: string[] = [];
  let top = 14;
  if (nights.length > 1) {
    const summary = `${nights.length} nights from ${dateInWords(first)}: ${figures(totals)}`;
    parts.push(label(fitted(heading, 18, WIDTH - 84), 58, top + 18, { 'font-size': 18, 'font-weight': 'bold' }));
    parts.push(label(summary, 58, top + 38, { 'font-size': 13 }));
    top += 54;
  }
  for (const night of nights) {
    const name = nightInWords(night.date);
    const { svg, height } = drawNight(
      {
        ...{ date: night.date, place: view.place, curve: curveOf(night), sun: night.sun, points: night.switchPoints },
        heading: nights.length > 1 ? name : `${heading} · ${name}`,
        figures: figures(night),
      },
      top,
      plotHeight,
    );
    parts.push(svg);
    top += height;
  }
  parts.push(legend(top + 8, view.place.timeZone));
  return svgDocument(WIDTH, top + 26, `${heading}, ${nightInWords(first)}: ${figures(totals)}`, parts);
}

/** `13.3 h lit · 12.4 of 19.1 kWh, saves 35 % (1.21 EUR) against full power`. */
function figures({ burningHours, energy, fullPower, saving }: PreviewView['totals']): string {
  const lit = `${burningHours.toFixed(1)} h lit`;
  const used = energy === null ? '' : ` · ${kwh(energy.energyKwh)} of ${kwh(fullPower.energy?.energyKwh ?? 0)} kWh`;
  if (saving.percent === null) return `${lit}${used} · the sun does not set`;
  const money = saving.cost === null ? '' : ` (${Math.abs(saving.cost).toFixed(2)} ${saving.currency ?? ''})`;
  const verb = saving.percent < 0 ? 'costs' : 'saves';
  const more = saving.percent < 0 ? ' more than' : ' against';
  return `${lit}${used} · ${verb} ${Math.abs(saving.percent).toFixed(0)} %${money}${more} full power from sunset to sunrise`;
}

function kwh(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}

function curveOf({ segments }: PreviewView['nights'][number]): NightCurve {
  const own = segments.map(({ from, to, ...rest }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to), ...rest }));
  return { startMs: own[0]?.fromMs ?? 0, endMs: own.at(-1)?.toMs ?? 1, segments: own };
}

function legend(y: number, timeZone: string): string {
  let x = 58;
  const entries = [{ name: 'light level', colour: '#ffc93c' }, ...SKY].map(({ name, colour }) => {
    const entry =
      tag('rect', { x, y: y - 9, width: 14, height: 11, fill: colour, stroke: '#9aa5b1' }) +
      label(name, x + 19, y, { 'font-size': 11 });
    x += 19 + widthOf(name, 11) + 22;
    return entry;
  });
  return entries.join('') + label(`local time, ${timeZone}`, 1174, y, { 'font-size': 11, 'text-anchor': 'end' });
}
