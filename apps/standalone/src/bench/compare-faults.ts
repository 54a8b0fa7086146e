import { configSchema } from '#libs/config';
import { DEFAULT_THRESHOLDS, policyOf, SILENCE_RULES, type FaultKind } from '#libs/faults';
import type { TrueFault } from '#simulators';

/** A fault that the monitor opened. */
export interface FoundFault {
  readonly kind: string;
  /** `lamp BT-0001`, `device GW-1`, `circuit CAB-1/C2`, `cabinet CAB-1`, `site`. */
  readonly subject: string;
  readonly openedMs: number;
  readonly isMember: boolean;
  readonly alerts: number;
  readonly evidence: string;
}

/** FoundFault, with addresses as people know them. */
export const FOUND = `
  SELECT fault.kind, (extract(epoch FROM opened_at) * 1000)::float8 AS "openedMs", parent_id IS NOT NULL AS "isMember", evidence,
    (SELECT count(*)::int FROM alert WHERE alert.fault_id = fault.id AND alert.event IN ('opened', 'reopened')) AS alerts,
    CASE subject_kind WHEN 'lamp' THEN 'lamp ' || lamp.address WHEN 'device' THEN 'device ' || fault.device
      WHEN 'circuit' THEN 'circuit ' || cabinet.address || '/' || fault.circuit WHEN 'cabinet' THEN 'cabinet ' || cabinet.address ELSE 'site' END AS subject
  FROM fault LEFT JOIN lamp ON lamp.id = fault.lamp_id LEFT JOIN cabinet ON cabinet.id = fault.cabinet_id
  WHERE fault.opened_at IS NOT NULL ORDER BY fault.id`;

/** A fault that is over so soon after it could have been found is no matter, reporting intervals. */
const SPARE_INTERVALS = 3;
/** Of the simulator's cycling lamps, lit and dark. */
const CYCLE_S = 240;

/** A true fault, and from when on it could be seen; undefined: never. */
export type SeenFault = TrueFault & { readonly visibleMs: number | undefined };

/** How well a kind of fault was found. */
export interface Score {
  readonly kind: string;
  readonly real: number;
  readonly found: number;
  readonly precision: number;
  readonly recall: number;
  /** How long it has to hold before it opens, in reporting intervals. */
  readonly hold: number;
  /** From when it could be seen first, and had held, to its opening, in reporting intervals; in order. */
  readonly delays: readonly number[];
  readonly alerts: number;
  readonly missed: readonly string[];
  readonly invented: readonly string[];
}

/**
 * Holds what was found against the truth: a true fault is found when one of its kind and subject opened while it lasted or soon after.
 * Members of a wider fault are part of it. Faults too short to be seen twice, or too young, are not counted.
 */
export function compareFaults(
  truth: readonly SeenFault[],
  found: readonly FoundFault[],
  endMs: number,
  intervalS: number,
): Score[] {
  const real = truth.filter(
    ({ kind, visibleMs, toMs }) =>
      visibleMs !== undefined &&
      (toMs ?? endMs) - visibleMs >= holdMs(kind, intervalS) + SPARE_INTERVALS * intervalS * 1000,
  );
  const told = found.filter(({ isMember }) => !isMember);
  const kinds = [...new Set([...real.map(({ kind }) => kind as string), ...told.map(({ kind }) => kind)])].sort();
  return kinds.map((kind) => scoreOf(kind, real, told, endMs, intervalS));
}

function scoreOf(
  kind: string,
  real: readonly SeenFault[],
  told: readonly FoundFault[],
  endMs: number,
  intervalS: number,
): Score {
  const ofKind = real.filter((fault) => fault.kind === kind);
  const own = told.filter((fault) => fault.kind === kind);
  const used = new Set<FoundFault>();
  const delays: number[] = [];
  const missed: string[] = [];
  for (const fault of ofKind) {
    const match = own.find((each) => !used.has(each) && isFound(fault, each, endMs, intervalS));
    if (match === undefined)
      missed.push(`${subjectOf(fault)} from ${new Date(fault.fromMs).toISOString()} (${fault.injected})`);
    else {
      used.add(match);
      const sinceMs = (fault.visibleMs ?? fault.fromMs) + holdMs(fault.kind, intervalS);
      delays.push(Math.max(0, match.openedMs - sinceMs) / (intervalS * 1000));
    }
  }
  const invented = own
    .filter((each) => !used.has(each))
    .map(({ subject, openedMs, evidence }) => `${subject} at ${new Date(openedMs).toISOString()}: ${evidence}`);
  return {
    kind,
    real: ofKind.length,
    found: used.size,
    precision: own.length === 0 ? 1 : round(used.size / own.length),
    recall: ofKind.length === 0 ? 1 : round(used.size / ofKind.length),
    hold: round(holdMs(kind, intervalS) / (intervalS * 1000)),
    delays: delays.map(round).sort((a, b) => a - b),
    alerts: own.reduce((sum, { alerts }) => sum + alerts, 0),
    missed,
    invented,
  };
}

/** The hold time of a kind, ms: what has to pass between its first sign and its opening. */
function holdMs(kind: string, intervalS: number): number {
  switch (kind) {
    case 'communicationFailure':
    case 'circuitOutage':
      return SILENCE_RULES.overdueIntervals * intervalS * 1000 + 60_000;
    case 'cabinetOutage':
    case 'platformOutage':
      return SILENCE_RULES.overdueIntervals * intervalS * 1000;
    case 'programMismatch':
      return configSchema.shape.FELINAR_CONTROL_MISMATCH_AFTER_S.parse(undefined) * 1000;
    case 'cyclingFailure':
      return DEFAULT_THRESHOLDS.cyclesPerHour * CYCLE_S * 1000;
    default:
      return policyOf(kind as FaultKind, intervalS).holdOnMs;
  }
}

function isFound(fault: SeenFault, { subject, openedMs }: FoundFault, endMs: number, intervalS: number): boolean {
  const slackMs = 4 * intervalS * 1000;
  return (
    subject === subjectOf(fault) && openedMs >= fault.fromMs - slackMs && openedMs <= (fault.toMs ?? endMs) + slackMs
  );
}

function subjectOf({ subject }: TrueFault): string {
  return `${subject.kind} ${subject.address}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
