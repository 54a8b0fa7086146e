import { judgeLevel, type ReportedLevel } from '#libs/commands';
import { DEFAULT_REPORTING_INTERVAL_S, STALE_AFTER_INTERVALS, type LampLevelRow } from '#libs/storage';
import type { z } from 'zod';
import type { lampLevelView } from './lamp-level.schema.js';
import type { Wanted } from './wanted-levels.js';

export type LampLevelView = z.infer<typeof lampLevelView>;
type Reason = NonNullable<LampLevelView['inEffect']>['reason'];

/** The three levels of a lamp at an instant, and what to think of them. */
export function toLampLevel(row: LampLevelRow, { commanded, level }: Wanted, nowMs: number): LampLevelView {
  const habit = habitOf(row);
  const reported = reportedOf(row);
  const isCurrent = reported !== undefined && nowMs - reported.atMs <= habit.staleAfterS * 1000;
  const verdict = judgeLevel(level, reported, row, habit, nowMs);
  const { lamp, device, deviceOnline } = row;
  return {
    ...{ lamp, device, deviceOnline, commanded },
    inEffect: inEffectOf(row, reported, isCurrent),
    physical: reported === undefined ? null : physicalOf(reported, isCurrent),
    status: verdict.status,
    problem: 'problem' in verdict ? verdict.problem : null,
    command: commandOf(row),
  };
}

function habitOf({ reportingIntervalS }: LampLevelRow): { intervalS: number; staleAfterS: number } {
  const says = reportingIntervalS !== null && reportingIntervalS > 0;
  const intervalS = says ? reportingIntervalS : DEFAULT_REPORTING_INTERVAL_S;
  return { intervalS, staleAfterS: STALE_AFTER_INTERVALS * intervalS };
}

function reportedOf(row: LampLevelRow): ReportedLevel | undefined {
  const { readingAtMs, lightLevelPercent, levelReason, activePowerW, levelInEffectPercent } = row;
  if (readingAtMs === null) return undefined;
  return { atMs: readingAtMs, lightLevelPercent, levelReason, activePowerW, levelInEffectPercent };
}

function inEffectOf(
  { levelInEffectPercent, levelReason }: LampLevelRow,
  reported: ReportedLevel | undefined,
  current: boolean,
): LampLevelView['inEffect'] {
  if (reported === undefined || (levelInEffectPercent === null && levelReason === null)) return null;
  const at = new Date(reported.atMs).toISOString();
  return { levelPercent: levelInEffectPercent, reason: levelReason as Reason, at, current };
}

function physicalOf({ lightLevelPercent, activePowerW, atMs }: ReportedLevel, current: boolean) {
  return { levelPercent: lightLevelPercent, activePowerW, at: new Date(atMs).toISOString(), current };
}

function commandOf({ commandState, commandCreatedAtMs, commandProblem }: LampLevelRow): LampLevelView['command'] {
  if (commandState === null || commandCreatedAtMs === null) return null;
  return { state: commandState, at: new Date(commandCreatedAtMs).toISOString(), problem: commandProblem };
}
