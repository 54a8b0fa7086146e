import { solarNight, type Place } from '#libs/astronomy';
import { localDateOf, localNoonMs } from '#libs/kernel';

/** At `atMs` the lamp begins to go to this level, and takes `fadeS` seconds for it. */
export interface LevelChange {
  readonly atMs: number;
  readonly levelPercent: number;
  readonly fadeS: number;
}

/** What a lamp does on its own. */
export interface LevelPlan {
  /** The level that holds at an instant. */
  levelAt(ms: number): number;
  /** The first change after an instant; undefined when there is none in the next days. */
  nextAfter(ms: number): LevelChange | undefined;
}

const DAY_MS = 86_400_000;
const DIM_AT = { hour: 23, levelPercent: 50 };
const BRIGHTEN_AT = { hour: 5, levelPercent: 100 };

/**
 * The program a controller has when nobody has given it another: full level at sunset, half between 23:00 and 05:00 local time, off
 * at sunrise. Off all through a polar day, on all through a polar night. Nights run from noon to noon.
 */
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
  const nightOf = (ms: number) => localDateOf(ms - DAY_MS / 2, place.timeZone);
  return {
    levelAt: (ms) => {
      let levelPercent = 0;
      for (const back of [1, 0]) {
        for (const change of changesOf(nightOf(ms - back * DAY_MS))) if (change.atMs <= ms) ({ levelPercent } = change);
      }
      return levelPercent;
    },
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
  const night = solarNight(place, date);
  const noonMs = localNoonMs(date, place.timeZone);
  if (night.kind === 'polarDay') return [{ atMs: noonMs, levelPercent: 0, fadeS: 0 }];
  const [onMs, offMs] = night.kind === 'ordinary' ? [night.sunsetMs, night.sunriseMs] : [noonMs, noonMs + DAY_MS];
  const nextDate = localDateOf(noonMs + DAY_MS, place.timeZone);
  // Wall time counted from the noons on either side, so that a change of the clock in between does not move it.
  const dimMs = noonMs + (DIM_AT.hour - 12) * 3_600_000;
  const brightenMs = localNoonMs(nextDate, place.timeZone) - (12 - BRIGHTEN_AT.hour) * 3_600_000;
  const isDimmedAtOn = onMs >= dimMs && onMs < brightenMs;
  const changes: LevelChange[] = [{ atMs: onMs, levelPercent: isDimmedAtOn ? DIM_AT.levelPercent : 100, fadeS: 10 }];
  if (dimMs > onMs && dimMs < offMs) changes.push({ atMs: dimMs, levelPercent: DIM_AT.levelPercent, fadeS: 60 });
  if (brightenMs > onMs && brightenMs < offMs)
    changes.push({ atMs: brightenMs, levelPercent: BRIGHTEN_AT.levelPercent, fadeS: 60 });
  if (night.kind === 'ordinary') changes.push({ atMs: offMs, levelPercent: 0, fadeS: 10 });
  return changes;
}

/** One plan until an instant, another from then on: a stored program runs out. */
export function planUntil(plan: LevelPlan, untilMs: number, afterwards: LevelPlan): LevelPlan {
  return {
    levelAt: (ms) => (ms < untilMs ? plan : afterwards).levelAt(ms),
    nextAfter: (ms) => {
      if (ms >= untilMs) return afterwards.nextAfter(ms);
      const next = plan.nextAfter(ms);
      if (next !== undefined && next.atMs < untilMs) return next;
      return { atMs: untilMs, levelPercent: afterwards.levelAt(untilMs), fadeS: 0 };
    },
  };
}

/** A program that the server sent: switch points in order; before the first the lamp is off, after the last it keeps its level. */
export function storedPlan(switchPoints: readonly LevelChange[]): LevelPlan {
  return {
    levelAt: (ms) => switchPoints.findLast(({ atMs }) => atMs <= ms)?.levelPercent ?? 0,
    nextAfter: (ms) => switchPoints.find(({ atMs }) => atMs > ms),
  };
}
