import type { Anchor, AnchoredTime, ControlProgram } from '../control-program.js';

const ANCHORS: Readonly<Record<Exclude<Anchor['kind'], 'clock' | 'sunAltitude'>, string>> = {
  sunset: 'sunset',
  sunrise: 'sunrise',
  civilDusk: 'civil dusk',
  civilDawn: 'civil dawn',
  solarMidnight: 'solar midnight',
  virtualMidnight: 'virtual midnight',
};

/** A time in words: `22:00`, `30 min before sunrise`, `the sun at 3° in the evening`. */
export function timeInWords({ anchor, offsetMinutes }: AnchoredTime): string {
  const of =
    anchor.kind === 'clock'
      ? anchor.time
      : anchor.kind === 'sunAltitude'
        ? `the sun at ${anchor.altitudeDeg}° in the ${anchor.half}`
        : ANCHORS[anchor.kind];
  if (offsetMinutes === 0) return of;
  return `${Math.abs(offsetMinutes)} min ${offsetMinutes < 0 ? 'before' : 'after'} ${of}`;
}

/** A switch point in words, counted from 1 as people do: `switch point 2 (22:00, to 50 %)`. */
export function pointInWords(program: ControlProgram, index: number): string {
  const point = program.switchPoints[index];
  if (point === undefined) throw new RangeError(`there is no switch point ${index}`);
  return `switch point ${index + 1} (${timeInWords(point.at)}, to ${point.levelPercent} %)`;
}

/** An active period in words: `active period 1 (sunset to sunrise)`. */
export function periodInWords(program: ControlProgram, index: number): string {
  const period = program.activePeriods[index];
  if (period === undefined) throw new RangeError(`there is no active period ${index}`);
  return `active period ${index + 1} (${timeInWords(period.from)} to ${timeInWords(period.to)})`;
}

/** A sentence begins with a capital. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
