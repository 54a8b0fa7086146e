import type { WantedAtReading } from '#libs/faults';
import type { SitePrograms } from '#libs/schedules';
import type { LampOverride, WatchedLamp } from '#libs/storage';

/** The last time before its reading that an override of a lamp began or ended, and how it was to fade then. Undefined: none did. */
export function lastAsked(
  atMs: number,
  overrides: readonly LampOverride[],
): { atMs: number; fadeS: number } | undefined {
  return overrides
    .flatMap(({ startsAtMs, endsAtMs, fadeS }) => [startsAtMs, endsAtMs].map((ms) => ({ atMs: ms, fadeS })))
    .filter((asked) => asked.atMs <= atMs)
    .toSorted((a, b) => b.atMs - a.atMs)[0];
}

/**
 * What a lamp should have been doing when it was read: by the override that was in force then, else by its calendar as the device's own clock
 * has it: it switches by that, and a clock that is wrong is one fault and not two. It counts
 * from when that began to hold, which after an override is the override's end. Undefined when it has no calendar, or a command to it is
 * under way.
 */
export function wantedAt(
  programs: SitePrograms,
  lamp: Pick<WatchedLamp, 'atMs' | 'timeMs' | 'calendarId' | 'floorPercent' | 'isBeingCommanded'>,
  overrides: readonly LampOverride[],
): WantedAtReading | undefined {
  const { atMs, timeMs, calendarId, floorPercent } = lamp;
  if (lamp.isBeingCommanded) return undefined;
  const inForce = overrides
    .filter(({ startsAtMs, endsAtMs }) => startsAtMs <= atMs && atMs < endsAtMs)
    .sort((a, b) => b.priority - a.priority || b.serial - a.serial)[0];
  const lastEndMs = Math.max(
    ...overrides.filter(({ endsAtMs }) => endsAtMs <= atMs).map(({ endsAtMs }) => endsAtMs),
    Number.NEGATIVE_INFINITY,
  );
  if (inForce !== undefined) {
    const { levelPercent, fadeS, startsAtMs } = inForce;
    return { levelPercent, fadeS, sinceMs: Math.max(startsAtMs, lastEndMs), reason: 'override' };
  }
  if (calendarId === null) return undefined;
  const { levelPercent, fadeS, sinceMs } = programs.levelAt(calendarId, floorPercent, timeMs);
  return { levelPercent, fadeS, sinceMs: Math.max(sinceMs + atMs - timeMs, lastEndMs), reason: 'calendar' };
}
