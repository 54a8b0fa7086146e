import { advanceFault, evidence, FAULTS, policyOf, type FaultKind, type FaultPolicy, type Silence } from '#libs/faults';
import type { FaultChange, FaultSubject, LiveFault } from '#libs/storage';
import { priorityOf } from './priority.js';

/** Faults of silence: one of them for each silent lamp's own, the others for what is wider. */
export const SILENCE_KINDS: readonly FaultKind[] = [
  'platformOutage',
  'cabinetOutage',
  'circuitOutage',
  'communicationFailure',
];

/**
 * Silence has waited already until it was called so: it opens when it is seen, but for what may be a part of something wider, of which the rest
 * has not been missed yet: a device, and a circuit of a cabinet whose last words come one by one.
 */
const PART_HOLD_MS = 60_000;
/** A radio that comes and goes every few minutes is one fault. */
const SINGLE_GONE_MS = 15 * 60_000;
const OUTAGE_GONE_MS = 2 * 60_000;

/** What a fault of silence is about. */
export function subjectOf({ subject, lamps }: Silence): FaultSubject {
  const { cabinetId = null, circuit = null } = lamps[0] ?? {};
  switch (subject.kind) {
    case 'site':
      return { kind: 'site', key: 'site' };
    case 'cabinet':
      return { kind: 'cabinet', key: `cabinet:${subject.cabinetId}`, cabinetId: subject.cabinetId };
    case 'circuit':
      return {
        kind: 'circuit',
        key: `circuit:${subject.cabinetId}/${subject.circuit}`,
        cabinetId: subject.cabinetId,
        circuit: subject.circuit,
      };
    case 'device':
      return {
        kind: 'device',
        key: `device:${subject.device}`,
        device: subject.device,
        cabinetId,
        circuit,
        lampId: lamps.length === 1 ? lamps[0]?.lampId : undefined,
      };
    case 'lamp':
      return {
        kind: 'lamp',
        key: `lamp:${subject.lampId}`,
        lampId: subject.lampId,
        device: lamps[0]?.device,
        cabinetId,
        circuit,
      };
  }
}

/** What becomes of the faults of silence: those that are seen, and those that are not seen any more. Pure. */
export function silenceChanges(silences: readonly Silence[], live: readonly LiveFault[], nowMs: number): FaultChange[] {
  const seen = new Map(silences.map((silence) => [`${subjectOf(silence).key} ${silence.kind}`, silence]));
  const known = new Map(live.map((fault) => [`${fault.subject} ${fault.kind}`, fault]));
  const active = [...seen].flatMap(([key, silence]) => changeOf(known.get(key), silence, nowMs));
  const over = [...known].filter(([key]) => !seen.has(key)).flatMap(([, fault]) => overOf(fault, nowMs));
  return [...active, ...over];
}

function changeOf(fault: LiveFault | undefined, silence: Silence, nowMs: number): FaultChange[] {
  const { state, event } = advanceFault(fault?.state, 'active', nowMs, silencePolicy(silence.kind));
  const lampCount = silence.lamps.length;
  // A fault that goes on unchanged is not written every time: only its last sighting differs.
  if (
    fault?.state.phase === 'open' &&
    event === undefined &&
    fault.lampCount === lampCount &&
    fault.state.absentSinceMs === undefined
  )
    return [];
  const { severity } = FAULTS[silence.kind];
  return [
    {
      subject: subjectOf(silence),
      kind: silence.kind,
      severity,
      priority: priorityOf(severity, lampCount),
      state,
      event,
      evidence: silenceInWords(silence),
      lampCount,
    },
  ];
}

function silenceInWords({ lamps }: Silence): string {
  if (lamps.length === 0) return evidence('cityNotHeard');
  const since = new Date(Math.max(...lamps.map(({ heardAtMs }) => heardAtMs ?? 0))).toISOString();
  return lamps.length === 1
    ? evidence('notHeard', { since })
    : evidence('lampsNotHeard', { count: lamps.length, since });
}

function overOf(fault: LiveFault, nowMs: number): FaultChange[] {
  const { state, event } = advanceFault(fault.state, 'clear', nowMs, silencePolicy(fault.kind));
  if (state === fault.state) return [];
  const { severity } = FAULTS[fault.kind];
  const subject: FaultSubject = { kind: fault.subjectKind, key: fault.subject };
  return [
    {
      subject,
      kind: fault.kind,
      severity,
      priority: priorityOf(severity, fault.lampCount),
      state,
      event,
      evidence: '',
      lampCount: fault.lampCount,
    },
  ];
}

function silencePolicy(kind: FaultKind): FaultPolicy {
  const single = kind === 'communicationFailure';
  // Counted in looks, not in readings: there are none.
  return {
    ...policyOf(kind, 60),
    holdOnMs: single || kind === 'circuitOutage' ? PART_HOLD_MS : 0,
    sightings: 1,
    holdOffMs: single ? SINGLE_GONE_MS : OUTAGE_GONE_MS,
  };
}
