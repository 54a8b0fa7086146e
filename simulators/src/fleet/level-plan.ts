import type { Place } from '#libs/astronomy';
import type { LevelReason, Program } from '#libs/protocol';
import { dateOfNight, nightCurve, type ControlProgram } from '#libs/schedules';

/** At `atMs` the lamp begins to go to this level, and takes `fadeS` seconds for it. */
export interface LevelChange {
  readonly atMs: number;
  readonly levelPercent: number;
  readonly fadeS: number;
}

/** Switch points as a program message brings them, in order of time: Unix seconds, level, fade. */
export type SwitchPoints = Program['programs'][number]['switchPoints'];

/** What a lamp does on its own, by the clock of its device. */
export interface LevelPlan {
  /** The level that holds at an instant. */
  levelAt(ms: number): number;
  /** Who decides at an instant: a program that the server sent, or the device itself. */
  reasonAt(ms: number): LevelReason;
  /** The first change after an instant; undefined when there is none in the next days. */
  nextAfter(ms: number): LevelChange | undefined;
}

const DAY_MS = 86_400_000;
const clock = (time: string) => ({ anchor: { kind: 'clock', time } as const, offsetMinutes: 0 });

/** The program a controller has when nobody has given it another: lit from sunset to sunrise, at half from 23:00 to 05:00. */
export const FACTORY_PROGRAM: ControlProgram = {
  activePeriods: [
    { from: { anchor: { kind: 'sunset' }, offsetMinutes: 0 }, to: { anchor: { kind: 'sunrise' }, offsetMinutes: 0 } },
  ],
  switchPoints: [
    { at: clock('23:00'), levelPercent: 50, fadeS: 60 },
    { at: clock('05:00'), levelPercent: 100, fadeS: 10 },
  ],
  minimumLevelPercent: 0,
};

/** The factory program at a place, worked out night by night. */
export function astronomicalPlan(place: Place): LevelPlan {
  const nights = new Map<string, readonly LevelChange[]>();
  const changesOf = (date: string) => {
    let changes = nights.get(date);
    if (changes === undefined) {
      changes = nightChanges(place, date);
      if (nights.size > 400) nights.clear();
      nights.set(date, changes);
    }
    return changes;
  };
  const nightOf = (ms: number) => dateOfNight(ms, place.timeZone);
  return {
    levelAt: (ms) => {
      let levelPercent = 0;
      for (const back of [1, 0]) {
        for (const change of changesOf(nightOf(ms - back * DAY_MS))) if (change.atMs <= ms) ({ levelPercent } = change);
      }
      return levelPercent;
    },
    reasonAt: () => 'default',
    nextAfter: (ms) => {
      for (let ahead = 0; ahead < 3; ahead += 1) {
        const next = changesOf(nightOf(ms + ahead * DAY_MS)).find(({ atMs }) => atMs > ms);
        if (next !== undefined) return next;
      }
      return undefined;
    },
  };
}

/** The changes of the night that begins on a local date, in order. */
export function nightChanges(place: Place, date: string): readonly LevelChange[] {
  return nightCurve(FACTORY_PROGRAM, place, date).segments.map(({ fromMs, levelPercent, fadeS }) => ({
    atMs: fromMs,
    levelPercent,
    fadeS,
  }));
}

/** One plan until an instant, another from then on: a program runs out, or another takes its place. */
export function planUntil(plan: LevelPlan, untilMs: number, afterwards: LevelPlan): LevelPlan {
  const handover = (): LevelChange => {
    const own = afterwards.nextAfter(untilMs - 1);
    return own?.atMs === untilMs ? own : { atMs: untilMs, levelPercent: afterwards.levelAt(untilMs), fadeS: 0 };
  };
  return {
    levelAt: (ms) => (ms < untilMs ? plan : afterwards).levelAt(ms),
    reasonAt: (ms) => (ms < untilMs ? plan : afterwards).reasonAt(ms),
    nextAfter: (ms) => {
      if (ms >= untilMs) return afterwards.nextAfter(ms);
      const next = plan.nextAfter(ms);
      return next !== undefined && next.atMs < untilMs ? next : handover();
    },
  };
}

/** A program that the server sent: before its first switch point the lamp is off, after the last it keeps its level. */
export function storedPlan(points: SwitchPoints): LevelPlan {
  return {
    levelAt: (ms) => points[countUpTo(points, ms) - 1]?.[1] ?? 0,
    reasonAt: () => 'calendar',
    nextAfter: (ms) => {
      const first = points[countUpTo(points, ms)];
      if (first === undefined) return undefined;
      const atMs = first[0] * 1000;
      // Of several at one instant the last holds.
      const [, levelPercent, fadeS] = points[countUpTo(points, atMs) - 1] ?? first;
      return { atMs, levelPercent, fadeS };
    },
  };
}

/** How many of the points, which are in order, are at or before an instant. */
function countUpTo(points: SwitchPoints, ms: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.[0] ?? 0) * 1000 <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
