import {
  advanceFault,
  evidence,
  FAULTS,
  policyOf,
  REPORTED_FAULTS,
  type FaultKind,
  type FaultPolicy,
  type FaultSignal,
} from '#libs/faults';
import {
  DEFAULT_REPORTING_INTERVAL_S,
  type CabinetVoltage,
  type DeviceClockRow,
  type DeviceConditionRow,
  type FaultChange,
  type FaultSubject,
  type LiveFault,
  type ReportedFaultRow,
} from '#libs/storage';
import { priorityOf } from './priority.js';

/** Lamps of a cabinet with wrong voltage, from which on it is the cabinet's trouble: so many, and this share of those that are heard. */
const VOLTAGE_LAMPS = 5;
const VOLTAGE_SHARE = 0.5;
/** A device's clock may be off by this, ms. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

interface Look {
  readonly subject: FaultSubject;
  readonly kind: FaultKind;
  readonly signal: FaultSignal;
  readonly atMs: number;
  readonly evidence: string;
  readonly lampCount: number;
  readonly policy: FaultPolicy;
}

/** Holds at once, and is gone at once: others have waited for it already. */
const atOnce = (kind: FaultKind): FaultPolicy => ({ ...policyOf(kind, 60), holdOnMs: 0, sightings: 1, holdOffMs: 0 });

/** What becomes of programMismatch: control has sent the program again and waited for its grace time. Pure. */
export function mismatchChanges(
  rows: readonly DeviceConditionRow[],
  live: readonly LiveFault[],
  nowMs: number,
): FaultChange[] {
  const kind = 'programMismatch';
  const looks = rows.map((row): Look => ({
    subject: { kind: 'device', key: `device:${row.device}`, device: row.device },
    ...{ kind, signal: 'active', atMs: nowMs, lampCount: row.lamps, policy: atOnce(kind) },
    evidence: evidence('otherProgram', { since: new Date(row.mismatchSinceMs ?? nowMs).toISOString() }),
  }));
  return changesOf([...looks, ...goneLooks(kind, looks, live, nowMs)], live);
}

/**
 * What becomes of clockDrift: the newest readings of a device lie in the future, or arrive long after they were made. Only the latter can be
 * the network's, which may take `behindToleranceMs`. Pure.
 */
export function clockChanges(
  rows: readonly DeviceClockRow[],
  live: readonly LiveFault[],
  behindToleranceMs: number,
): FaultChange[] {
  const kind = 'clockDrift';
  const looks = rows.map(({ device, offsetMs, receivedAtMs, lamps, reportingIntervalS }): Look => ({
    subject: { kind: 'device', key: `device:${device}`, device },
    ...{ kind, atMs: receivedAtMs, lampCount: lamps },
    signal: offsetMs > CLOCK_TOLERANCE_MS || -offsetMs > behindToleranceMs ? 'active' : 'clear',
    evidence: evidence(offsetMs > 0 ? 'clockAhead' : 'clockBehind', {
      minutes: Math.round(Math.abs(offsetMs) / 60_000),
    }),
    policy: policyOf(kind, reportingIntervalS ?? DEFAULT_REPORTING_INTERVAL_S),
  }));
  return changesOf(looks, live);
}

/** What becomes of what only devices can know: it is there while they say so. Pure. */
export function reportedChanges(
  rows: readonly ReportedFaultRow[],
  live: readonly LiveFault[],
  nowMs: number,
): FaultChange[] {
  const looks = rows.map(({ kind, device, lampId, cabinetId, circuit, lamps, atMs, info }): Look => ({
    subject:
      lampId === null
        ? { kind: 'device', key: `device:${device}`, device, cabinetId, circuit }
        : { kind: 'lamp', key: `lamp:${lampId}`, lampId, device, cabinetId, circuit },
    ...{ kind: kind as FaultKind, signal: 'active', atMs: Math.min(atMs, nowMs), lampCount: lamps },
    evidence: info === null ? evidence('reported') : evidence('reportedSaying', { info }),
    policy: atOnce(kind as FaultKind),
  }));
  return changesOf([...looks, ...REPORTED_FAULTS.flatMap((kind) => goneLooks(kind, looks, live, nowMs))], live);
}

/** What becomes of voltage trouble of whole cabinets. Pure. */
export function voltageChanges(
  rows: readonly CabinetVoltage[],
  live: readonly LiveFault[],
  nowMs: number,
): FaultChange[] {
  const looks = rows
    .filter(({ troubled, heard }) => troubled >= VOLTAGE_LAMPS && troubled >= VOLTAGE_SHARE * heard)
    .map(({ cabinetId, kind, troubled, heard }): Look => ({
      subject: { kind: 'cabinet', key: `cabinet:${cabinetId}`, cabinetId },
      ...{ kind, signal: 'active', atMs: nowMs, lampCount: troubled, policy: atOnce(kind) },
      evidence: evidence('manyOfCabinet', { count: troubled, of: heard }),
    }));
  const kinds = ['supplyVoltageTooHigh', 'supplyVoltageTooLow'] as const;
  const cabinets = live.filter(({ subjectKind }) => subjectKind === 'cabinet');
  return changesOf([...looks, ...kinds.flatMap((kind) => goneLooks(kind, looks, cabinets, nowMs))], cabinets);
}

function goneLooks(kind: FaultKind, looks: readonly Look[], live: readonly LiveFault[], nowMs: number): Look[] {
  const seen = new Set(looks.filter((look) => look.kind === kind).map(({ subject }) => subject.key));
  return live
    .filter((fault) => fault.kind === kind && !seen.has(fault.subject))
    .map((fault) => ({
      subject: { kind: fault.subjectKind, key: fault.subject },
      ...{
        kind,
        signal: 'clear' as const,
        atMs: nowMs,
        evidence: '',
        lampCount: fault.lampCount,
        policy: atOnce(kind),
      },
    }));
}

function changesOf(looks: readonly Look[], live: readonly LiveFault[]): FaultChange[] {
  const known = new Map(live.map((fault) => [`${fault.subject} ${fault.kind}`, fault]));
  return looks.flatMap(({ subject, kind, signal, atMs, evidence, lampCount, policy }): FaultChange[] => {
    const fault = known.get(`${subject.key} ${kind}`);
    const { state, event } = advanceFault(fault?.state, signal, atMs, policy);
    const isSame =
      state === fault?.state ||
      (event === undefined && fault?.state.phase === 'open' && state?.absentSinceMs === undefined);
    if (isSame && fault?.lampCount === lampCount) return [];
    if (fault === undefined && state === undefined) return [];
    const { severity } = FAULTS[kind];
    return [{ subject, kind, severity, priority: priorityOf(severity, lampCount), state, event, evidence, lampCount }];
  });
}
