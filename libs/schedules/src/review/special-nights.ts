import type { Place } from '#libs/astronomy';
import { addDays } from '#libs/kernel';
import type { ControlProgram } from '../control-program.js';
import { nightSummary } from '../night-summary.js';
import { viewOf, type NightView } from './night-view.js';

/** The nights of a year that an engineer looks at first. */
export interface SpecialNight {
  readonly kind: 'longestNight' | 'shortestNight' | 'clocksForward' | 'clocksBack';
  readonly date: string;
  /** How long the lamp is lit, h. */
  readonly burningHours: number;
}

const HOUR_MS = 3_600_000;

/** The longest and the shortest night (by the sun's depth at midnight and its set and rise) and both changes of the clock, where they are. */
export function specialNights(program: ControlProgram, place: Place, year: number): SpecialNight[] {
  const days = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365;
  const views = Array.from({ length: days }, (_, day) => viewOf(program, place, addDays(`${year}-01-01`, day)));
  const byDarkness = views.map((view) => ({ view, darkMs: darkMs(view) })).sort((a, b) => a.darkMs - b.darkMs);
  const lengthH = ({ night }: NightView) => (night.endMs - night.startMs) / HOUR_MS;
  const found: [SpecialNight['kind'], NightView | undefined][] = [
    ['longestNight', byDarkness.at(-1)?.view],
    ['shortestNight', byDarkness[0]?.view],
    ['clocksForward', views.find((view) => lengthH(view) < 24)],
    ['clocksBack', views.find((view) => lengthH(view) > 24)],
  ];
  return found.flatMap(([kind, view]) =>
    view === undefined ? [] : [{ kind, date: view.night.date, burningHours: nightSummary(view.curve).burningHours }],
  );
}

/** From sunset to sunrise, ms; 0 when the sun stays up, the whole night when it stays down. */
function darkMs({ night }: NightView): number {
  const { evening, morning } = night.sun.crossings(-0.833);
  if (evening.kind === 'staysAbove' || morning.kind === 'staysAbove') return 0;
  const fromMs = evening.kind === 'at' ? evening.ms : night.startMs;
  return (morning.kind === 'at' ? morning.ms : night.endMs) - fromMs;
}
