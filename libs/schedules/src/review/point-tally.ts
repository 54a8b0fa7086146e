import type { ControlProgram } from '../control-program.js';
import { levelAt } from '../night-curve.js';
import { isActiveAt, type NightView } from './night-view.js';
import type { Findings } from './warning.js';
import { pointInWords, sentence } from './words.js';

/** A point whose change is taken back within this was hardly meant, ms. */
const CANCELS_WITHIN_MS = 5 * 60_000;

interface Fired {
  readonly index: number;
  readonly atMs: number;
  readonly levelPercent: number;
  /** The level before it. */
  readonly beforePercent: number;
}

/** What can only be said of a point, or of two, after many nights. */
export class PointTally {
  private readonly fired: number[];
  private readonly changed: number[];
  private readonly cancelled = new Map<string, string[]>();
  private readonly before = new Map<number, string[]>();
  private readonly idle = new Map<number, string[]>();
  /** Dates on which point i came before point j, by `i j`. */
  private readonly order = new Map<string, string[]>();
  private readonly isOnOff: boolean;

  constructor(private readonly program: ControlProgram) {
    this.fired = program.switchPoints.map(() => 0);
    this.changed = program.switchPoints.map(() => 0);
    this.isOnOff =
      new Set(program.switchPoints.map(({ levelPercent }) => levelPercent).filter((level) => level > 0)).size <= 1;
  }

  /** Takes a night in. */
  count(view: NightView): void {
    const { date } = view.night;
    view.instants.forEach((atMs, index) => {
      if (atMs !== undefined && isBeforePeriod(view, atMs)) note(this.before, index, date);
    });
    const fired = firedOf(view);
    fired.forEach((point, nth) => {
      const { index, levelPercent, beforePercent, atMs } = point;
      this.fired[index] = (this.fired[index] ?? 0) + 1;
      if (levelPercent !== beforePercent) this.changed[index] = (this.changed[index] ?? 0) + 1;
      else if (levelPercent === 0 || this.isOnOff) note(this.idle, index, date);
      const next = fired[nth + 1];
      const isTakenBack = next !== undefined && next.levelPercent === beforePercent && levelPercent !== beforePercent;
      if (isTakenBack && next.atMs - atMs <= CANCELS_WITHIN_MS) note(this.cancelled, `${index} ${next.index}`, date);
      for (const later of fired.slice(nth + 1)) note(this.order, `${index} ${later.index}`, date);
    });
  }

  /** Says what the nights together show. */
  report(findings: Findings, nights: number): void {
    this.reportEffect(findings, nights);
    for (const [pair, dates] of this.cancelled) {
      const [index, next] = pair.split(' ').map(Number) as [number, number];
      const message = `${sentence(this.words(next))} takes back within minutes what ${this.words(index)} did: delete both, or move them apart`;
      for (const date of dates) findings.add('pointsCancel', `/switchPoints/${index}`, date, message);
    }
    this.reportOrder(findings);
  }

  private reportEffect(findings: Findings, nights: number): void {
    this.program.switchPoints.forEach((_point, index) => {
      const at = `/switchPoints/${index}`;
      const fired = this.fired[index] ?? 0;
      const early = `${sentence(this.words(index))} falls before the lamp is switched on: the evening begins with its level; anchor it to sunset if it is meant to follow it`;
      if (fired > 0)
        for (const date of this.before.get(index) ?? []) findings.add('pointBeforePeriod', at, date, early);
      if (fired === 0) {
        findings.addAll(
          'pointNeverFires',
          at,
          nights,
          `${sentence(this.words(index))} never happens while the lamp may be lit: move it into an active period, or delete it`,
        );
      } else if (this.changed[index] === 0) {
        findings.addAll(
          'pointChangesNothing',
          at,
          fired,
          `${sentence(this.words(index))} sets the level that holds already: delete it, or give it another level`,
        );
      } else {
        const message = `${sentence(this.words(index))} switches what is so already: on and off do not alternate that night`;
        for (const date of this.idle.get(index) ?? []) findings.add('notAlternating', at, date, message);
      }
    });
  }

  private reportOrder(findings: Findings): void {
    for (const [pair, dates] of this.order) {
      const [first, second] = pair.split(' ').map(Number) as [number, number];
      const usual = this.order.get(`${second} ${first}`)?.length ?? 0;
      if (usual === 0 || dates.length > usual || (dates.length === usual && first < second)) continue;
      const message = `${sentence(this.words(first))} comes before ${this.words(second)}, in other nights after it: anchor both to the same, or accept that their levels hold in another order`;
      for (const date of dates) findings.add('orderChanges', `/switchPoints/${first}`, date, message);
    }
  }

  private words(index: number): string {
    return pointInWords(this.program, index);
  }
}

/** The points that happen while the lamp may be lit, in order, with the level before each; of those at one instant the last of the list. */
function firedOf(view: NightView): Fired[] {
  const { instants, program, curve } = view;
  const points = instants.flatMap((atMs, index) => {
    const isHidden = atMs === undefined || instants.lastIndexOf(atMs) !== index;
    const levelPercent = program.switchPoints[index]?.levelPercent;
    return isHidden || levelPercent === undefined ? [] : [{ index, atMs, levelPercent }];
  });
  const raised = (levelPercent: number) =>
    levelPercent === 0 ? 0 : Math.max(levelPercent, program.minimumLevelPercent);
  return points
    .filter(({ atMs }) => isActiveAt(view, atMs))
    .sort((a, b) => a.atMs - b.atMs)
    .map((point) => ({
      ...point,
      levelPercent: raised(point.levelPercent),
      // Off before an active period: a point at its start says with which level it begins, and is no repetition.
      beforePercent: levelAt(curve, point.atMs - 1) ?? 0,
    }));
}

function note<K>(dates: Map<K, string[]>, key: K, date: string): void {
  const known = dates.get(key);
  if (known === undefined) dates.set(key, [date]);
  else known.push(date);
}

/** In the evening, before the first active period, on a night that has one: the point decides with which level it begins. */
function isBeforePeriod({ program, periods, night }: NightView, atMs: number): boolean {
  if (program.activePeriods.length === 0 || atMs > night.sun.midnightMs) return false;
  const starts = periods.flatMap((span) => (span === undefined ? [] : [span.fromMs]));
  return starts.length > 0 && atMs < Math.min(...starts);
}
