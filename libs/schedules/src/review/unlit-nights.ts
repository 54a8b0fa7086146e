import { CIVIL_DEG, type Place } from '#libs/astronomy';
import { addDays } from '#libs/kernel';
import type { ControlProgram } from '../control-program.js';
import { curveOf, darkSpans } from '../night-curve.js';
import { nightOf } from '../resolve-anchor.js';

/** Nights that are not dark for so long need no light: near midsummer in the north dusk and dawn are minutes apart, ms. */
const DARKNESS_LEAST_MS = 2 * 3_600_000;

/**
 * The dates of the nights, of `days`, in which the lamp is not lit for a moment between civil dusk and civil dawn. Part of a night dark is
 * a city's decision; all of it is hardly anybody's.
 */
export function unlitNights(program: ControlProgram, place: Place, firstDate: string, days = 366): string[] {
  return Array.from({ length: days }, (_, day) => addDays(firstDate, day)).filter((date) => {
    const night = nightOf(place, date);
    const { evening, morning } = night.sun.crossings(CIVIL_DEG);
    if (evening.kind === 'staysAbove' || morning.kind === 'staysAbove') return false;
    const duskMs = evening.kind === 'at' ? evening.ms : night.startMs;
    const dawnMs = morning.kind === 'at' ? morning.ms : night.endMs;
    if (dawnMs - duskMs < DARKNESS_LEAST_MS) return false;
    const darkMs = darkSpans(curveOf(program, night), night).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    return darkMs >= dawnMs - duskMs;
  });
}
