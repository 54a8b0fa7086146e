import { DomainError, type Fault } from '#libs/kernel';

/** What stands above the calendar. An emergency stands above everything. */
export const OVERRIDE_PRIORITIES = ['manual', 'emergency'] as const;
export type OverridePriority = (typeof OVERRIDE_PRIORITIES)[number];

/** An override may last this long: whoever wants more wants a program. */
export const MAX_OVERRIDE_DAYS = 31;
/** An override may begin this far ahead. */
export const MAX_AHEAD_DAYS = 366;

const DAY_MS = 86_400_000;

export interface OverrideRequest {
  readonly startsAtMs: number | undefined;
  readonly expiresAtMs: number;
}

/**
 * The period of an override that is asked for at `nowMs`: begins at once when nothing else is said, and always ends. A forgotten
 * override is a day burner, so there is none without an end. Throws a DomainError that says what to do.
 */
export function planOverride(request: OverrideRequest, nowMs: number): { startsAtMs: number; expiresAtMs: number } {
  const startsAtMs = Math.max(nowMs, request.startsAtMs ?? nowMs);
  const faults: Fault[] = [];
  const { expiresAtMs } = request;
  if (expiresAtMs <= nowMs) {
    faults.push({ at: '/expiresAt', problem: `lies in the past (it is ${iso(nowMs)}): name a later time` });
  } else if (expiresAtMs <= startsAtMs) {
    faults.push({ at: '/expiresAt', problem: `must be after the start, ${iso(startsAtMs)}` });
  } else if (expiresAtMs - startsAtMs > MAX_OVERRIDE_DAYS * DAY_MS) {
    faults.push({
      at: '/expiresAt',
      problem: `is more than ${MAX_OVERRIDE_DAYS} days after the start: use a control program for what is to stay`,
    });
  }
  if (startsAtMs - nowMs > MAX_AHEAD_DAYS * DAY_MS) {
    faults.push({ at: '/startsAt', problem: `is more than ${MAX_AHEAD_DAYS} days ahead: use a calendar` });
  }
  if (faults.length > 0) throw new DomainError('invalid', 'The override cannot be carried out: see errors', faults);
  return { startsAtMs, expiresAtMs };
}

/** An override that speaks of a lamp. */
export interface StandingOverride {
  readonly id: string;
  readonly priority: OverridePriority;
  /** Grows with every override. */
  readonly serial: number;
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
  readonly releasedAtMs: number | undefined;
}

/** Which of a lamp's overrides holds at an instant: the emergency, of equals the latest; undefined when the calendar does. */
export function overrideInForce<T extends StandingOverride>(overrides: readonly T[], nowMs: number): T | undefined {
  return overrides
    .filter(
      ({ startsAtMs, expiresAtMs, releasedAtMs }) =>
        startsAtMs <= nowMs && nowMs < expiresAtMs && releasedAtMs === undefined,
    )
    .sort((a, b) => rank(b) - rank(a) || b.serial - a.serial)[0];
}

/** Higher is stronger. */
export function rankOf(priority: OverridePriority): number {
  return OVERRIDE_PRIORITIES.indexOf(priority) + 1;
}

function rank({ priority }: StandingOverride): number {
  return rankOf(priority);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
