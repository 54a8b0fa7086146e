import type { CommandState } from './command-state.js';
import type { DeliveryPolicy } from './delivery-policy.js';

/** A reported level counts as the commanded one within this, percent: drivers round, and sensors of light drift. */
export const LEVEL_TOLERANCE_PERCENT = 3;

/** A command whose turn has come. */
export interface DueCommand {
  readonly state: CommandState;
  /** How often it has been sent. */
  readonly attempts: number;
  readonly expiresAtMs: number;
  /** Null: release. */
  readonly levelPercent: number | null;
  /** What the lamp showed last, for the words; null when it did not say. */
  readonly reportedLevelPercent: number | null;
}

export type DueVerdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'expire'; readonly problem: string }
  | { readonly kind: 'giveUp'; readonly problem: string };

/** What to do with a command whose turn has come and whose device is not known to be away. */
export function judgeDue(command: DueCommand, nowMs: number, policy: DeliveryPolicy): DueVerdict {
  if (command.expiresAtMs <= nowMs) return { kind: 'expire', problem: expiryProblem(command.state) };
  if (command.attempts < policy.maxAttempts) return { kind: 'send' };
  return { kind: 'giveUp', problem: giveUpProblem(command) };
}

/** Why a command that expired had not been confirmed. */
export function expiryProblem(state: CommandState): string {
  if (state === 'queued') return 'the device was away until it expired';
  return state === 'sent'
    ? 'the device did not answer until it expired'
    : 'the device obeyed, but no reading showed the level before it expired';
}

function giveUpProblem({ state, attempts, levelPercent, reportedLevelPercent }: DueCommand): string {
  if (state !== 'acknowledged') return `sent ${attempts} times, and the device does not answer: look at its link`;
  const shown = reportedLevelPercent === null ? 'reports no level' : `shows ${reportedLevelPercent} %`;
  const wanted = levelPercent === null ? 'its program' : `${levelPercent} %`;
  return `the device obeyed ${attempts} times, but the lamp ${shown} instead of ${wanted}: look at its driver`;
}

/** What a lamp reported after it was told. */
export interface LevelReport {
  readonly lightLevelPercent: number | null;
  readonly levelReason: string | null;
  readonly activePowerW: number | null;
}

/** What is known of the lamp's type. */
export interface LampLimits {
  readonly minLevelPercent: number;
  readonly ratedPowerW: number;
  readonly standbyPowerW: number;
}

/**
 * Whether a reading made after the command shows that it was carried out. A level above 0 cannot be below what the driver can hold.
 * A lamp that reports no level is judged by its power, and only on whether it is lit; a release by the reason that the controller
 * gives for its level, and where it gives none, by its having reported at all.
 */
export function confirms(levelPercent: number | null, report: LevelReport, limits: LampLimits): boolean {
  if (levelPercent === null) return report.levelReason !== 'override';
  if (report.lightLevelPercent !== null) {
    const expected = levelPercent === 0 ? 0 : Math.max(levelPercent, limits.minLevelPercent);
    const tolerance = expected === 0 ? 0.5 : LEVEL_TOLERANCE_PERCENT;
    return Math.abs(report.lightLevelPercent - expected) <= tolerance;
  }
  if (report.activePowerW === null) return false;
  const isLit = report.activePowerW > limits.standbyPowerW + 0.02 * limits.ratedPowerW;
  return isLit === levelPercent > 0;
}
