import type { Place } from '#libs/astronomy';
import { addDays } from '#libs/kernel';
import type { AnchoredTime, ControlProgram } from '../control-program.js';
import { darkSpans, type NightCurve } from '../night-curve.js';
import type { Night } from '../resolve-anchor.js';
import { clockOf, isActiveAt, isClipped, viewOf, type NightView } from './night-view.js';
import { PointTally } from './point-tally.js';
import { Findings, type ProgramWarning } from './warning.js';
import { periodInWords, pointInWords, sentence } from './words.js';

/** Above this nobody needs a street light, degrees: the sun is well up. */
const BROAD_DAYLIGHT_DEG = 6;

/**
 * Walks a program through the nights of `days` dates at a place, a year of them to see the shortest and the longest night and both
 * changes of the clock, and says what may not be meant, and on which dates. Throws RangeError for what is no date, zone or wall time.
 */
export function reviewProgram(program: ControlProgram, place: Place, firstDate: string, days = 366): ProgramWarning[] {
  const findings = new Findings();
  const tally = new PointTally(program);
  for (let day = 0; day < days; day += 1) {
    const view = viewOf(program, place, addDays(firstDate, day));
    reviewLight(view, findings);
    reviewPeriods(view, findings);
    reviewPoints(view, findings);
    tally.count(view);
  }
  tally.report(findings, days);
  return findings.list();
}

function reviewLight({ curve, night }: NightView, findings: Findings): void {
  if (darkSpans(curve, night).length > 0) {
    findings.add(
      'darkAtNight',
      '',
      night.date,
      'The lamp is off between civil dusk and civil dawn: if that is not meant, let the active period begin with sunset or civil dusk and end with sunrise or civil dawn, and give no switch point 0 %',
    );
  }
  if (isLitByDay(curve, night)) {
    findings.add(
      'litByDay',
      '',
      night.date,
      'The lamp is lit in broad daylight (the sun is more than 6° up): anchor the ends of the active period to sunset and sunrise instead of clock times',
    );
  }
}

function reviewPeriods(view: NightView, findings: Findings): void {
  view.periods.forEach((span, index) => {
    const at = `/activePeriods/${index}`;
    const words = periodInWords(view.program, index);
    const { date } = view.night;
    if (span === undefined) {
      findings.add(
        'periodEmpty',
        at,
        date,
        `${sentence(words)} does nothing that night: its end is not after its start, or what it is anchored to does not happen`,
      );
    }
    const period = view.program.activePeriods[index];
    if (period === undefined) return;
    for (const [edge, time] of Object.entries(period) as ['from' | 'to', AnchoredTime][]) {
      reviewTime(time, view.night, `${at}/${edge}`, `the ${edge === 'from' ? 'start' : 'end'} of ${words}`, findings);
    }
  });
}

function reviewPoints(view: NightView, findings: Findings): void {
  view.instants.forEach((atMs, index) => {
    const point = view.program.switchPoints[index];
    if (atMs === undefined || point === undefined) return;
    const at = `/switchPoints/${index}`;
    const words = pointInWords(view.program, index);
    const first = view.instants.indexOf(atMs);
    if (first !== index) {
      findings.add(
        'pointsCoincide',
        at,
        view.night.date,
        `${sentence(words)} is at the same instant as ${pointInWords(view.program, first)}: the later in the list wins; delete one of them`,
      );
    }
    if (isActiveAt(view, atMs)) reviewTime(point.at, view.night, at, words, findings);
  });
}

/** What clocks and the edge of the night do to a time. */
function reviewTime(time: AnchoredTime, night: Night, at: string, words: string, findings: Findings): void {
  const clock = clockOf(time, night);
  if (clock === 'skipped') {
    findings.add(
      'clockSkipped',
      at,
      night.date,
      `${sentence(words)} has a wall time that does not exist that night, because the clocks go forward: it happens at the jump`,
    );
  } else if (clock === 'repeated') {
    findings.add(
      'clockRepeated',
      at,
      night.date,
      `${sentence(words)} has a wall time that comes twice that night, because the clocks go back: it happens the first time`,
    );
  }
  if (isClipped(time, night)) {
    findings.add(
      'clipped',
      at,
      night.date,
      `${sentence(words)} lies beyond noon, where the night ends: it is put there; make the offset smaller`,
    );
  }
}

function isLitByDay(curve: NightCurve, { sun }: Night): boolean {
  const { evening, morning } = sun.crossings(BROAD_DAYLIGHT_DEG);
  // Never that high: there is no broad daylight to burn in.
  if (evening.kind === 'staysBelow' && morning.kind === 'staysBelow') return false;
  const isAllDay = evening.kind === 'staysAbove' || morning.kind === 'staysAbove';
  const duskMs = isAllDay ? curve.endMs : evening.kind === 'at' ? evening.ms : curve.startMs;
  const dawnMs = isAllDay ? curve.endMs : morning.kind === 'at' ? morning.ms : curve.endMs;
  return curve.segments.some(
    ({ fromMs, toMs, levelPercent }) => levelPercent > 0 && (fromMs < duskMs || toMs > dawnMs),
  );
}
