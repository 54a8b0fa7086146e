import { confirms, type LampLimits, type LevelReport } from './judge-command.js';

/** The level that a lamp shall have now. */
export interface WantedLevel {
  readonly levelPercent: number;
  readonly fadeS: number;
  /** Since when. */
  readonly sinceMs: number;
}

/** The lamp's newest reading. */
export interface ReportedLevel extends LevelReport {
  readonly atMs: number;
  readonly levelInEffectPercent: number | null;
}

export interface ReportingHabit {
  /** How often the device reports, s. */
  readonly intervalS: number;
  /** A reading older than this is no value, s. */
  readonly staleAfterS: number;
}

export type LevelVerdict =
  /** The lamp shows it. */
  | { readonly status: 'applied' }
  /** It has not had the time to show it. */
  | { readonly status: 'pending' }
  /** It shows another. */
  | { readonly status: 'notApplied'; readonly problem: string }
  /** Nobody knows: it does not report, or nothing is wanted of it. */
  | { readonly status: 'unknown'; readonly problem: string };

/** Clocks of devices and networks may be apart by this, ms. */
const SLACK_MS = 30_000;

/** Whether a lamp shows the level that is wanted of it. `wanted` undefined: it has no calendar and no override. */
export function judgeLevel(
  wanted: WantedLevel | undefined,
  reported: ReportedLevel | undefined,
  limits: LampLimits,
  { intervalS, staleAfterS }: ReportingHabit,
  nowMs: number,
): LevelVerdict {
  if (wanted === undefined) {
    return { status: 'unknown', problem: 'no calendar is assigned: the lamp does what its controller does by default' };
  }
  if (reported === undefined) return { status: 'unknown', problem: 'it has never reported: look at its device' };
  if (nowMs - reported.atMs > staleAfterS * 1000) {
    return {
      status: 'unknown',
      problem: `it has not reported since ${new Date(reported.atMs).toISOString()}: look at its link`,
    };
  }
  if (confirms(wanted.levelPercent, reported, limits)) return { status: 'applied' };
  const settledMs = wanted.sinceMs + wanted.fadeS * 1000 + SLACK_MS;
  // The first reading after the level has settled decides, and that may be an interval away.
  if (reported.atMs < settledMs && nowMs < settledMs + 2 * intervalS * 1000) return { status: 'pending' };
  return { status: 'notApplied', problem: notAppliedProblem(wanted, reported) };
}

function notAppliedProblem({ levelPercent }: WantedLevel, reported: ReportedLevel): string {
  const { levelInEffectPercent: aim, levelReason, lightLevelPercent } = reported;
  const shows = lightLevelPercent === null ? 'reports no level' : `shows ${lightLevelPercent} %`;
  if (aim === null) return `the lamp ${shows} instead of ${levelPercent} %`;
  if (Math.abs(aim - levelPercent) <= 1) {
    return `the controller aims at ${aim} %, but the lamp ${shows}: look at its driver`;
  }
  return `the controller aims at ${aim} % (${levelReason ?? 'it does not say why'}) instead of ${levelPercent} %`;
}
