/**
 * The life of a fault: suspected -> open -> cleared -> closed. A fault opens when it has been seen for the hold-on time, clears when it
 * has been absent for the hold-off time, comes back as the same fault within the reopening window, and is closed after it. Who has
 * acknowledged it and to whom it is assigned does not move it: only what is seen does.
 */

/** What an observation says of a fault: that it is there, that it is not, or nothing. */
export type FaultSignal = 'active' | 'clear' | 'unknown';

export type FaultPhase = 'suspected' | 'open' | 'cleared' | 'closed';

export interface FaultState {
  readonly phase: FaultPhase;
  /** When it was seen first. */
  readonly seenSinceMs: number;
  /** When it was seen last. */
  readonly seenLastMs: number;
  /** Observations that showed it: in a row while it is suspected or cleared, in all while it is open. */
  readonly sightings: number;
  readonly openedAtMs: number | undefined;
  /** Since when it has been absent; undefined while it is there. */
  readonly absentSinceMs: number | undefined;
  readonly clearedAtMs: number | undefined;
  /** How often it came back after it had cleared. */
  readonly reopenings: number;
}

export interface FaultPolicy {
  /** It has to be seen for so long before it opens, ms … */
  readonly holdOnMs: number;
  /** … and so often: one reading proves nothing. */
  readonly sightings: number;
  /** It has to be absent for so long before it clears, ms; doubled with every time it came back, so that what flaps stays open. */
  readonly holdOffMs: number;
  /** Within this after it cleared it is the same fault that comes back, ms; then it is closed. */
  readonly reopenWithinMs: number;
}

export type FaultEvent = 'opened' | 'cleared' | 'reopened' | 'closed';

export interface FaultStep {
  /** Undefined: there is no fault (a suspicion that did not hold). */
  readonly state: FaultState | undefined;
  readonly event: FaultEvent | undefined;
}

/** Flapping lengthens the hold-off time by this factor at the most. */
const MAX_DAMPING = 16;

/** The next state of a fault by what is seen at `atMs`. Observations come in order of time; the same one again changes nothing. */
export function advanceFault(
  state: FaultState | undefined,
  signal: FaultSignal,
  atMs: number,
  policy: FaultPolicy,
): FaultStep {
  if (state === undefined || state.phase === 'closed') return signal === 'active' ? begin(atMs, policy) : still(state);
  if (atMs < state.seenLastMs) return still(state);
  switch (state.phase) {
    case 'suspected':
      return suspected(state, signal, atMs, policy);
    case 'open':
      return open(state, signal, atMs, policy);
    case 'cleared':
      return cleared(state, signal, atMs, policy);
  }
}

function still(state: FaultState | undefined): FaultStep {
  return { state, event: undefined };
}

function begin(atMs: number, policy: FaultPolicy): FaultStep {
  const state: FaultState = {
    phase: 'suspected',
    seenSinceMs: atMs,
    seenLastMs: atMs,
    sightings: 1,
    openedAtMs: undefined,
    absentSinceMs: undefined,
    clearedAtMs: undefined,
    reopenings: 0,
  };
  return mayOpen(state, atMs, policy);
}

function suspected(state: FaultState, signal: FaultSignal, atMs: number, policy: FaultPolicy): FaultStep {
  if (signal === 'clear') return still(undefined);
  if (signal === 'unknown') return still(state);
  const sightings = atMs > state.seenLastMs ? state.sightings + 1 : state.sightings;
  return mayOpen({ ...state, seenLastMs: atMs, sightings }, atMs, policy);
}

function mayOpen(state: FaultState, atMs: number, policy: FaultPolicy): FaultStep {
  if (atMs - state.seenSinceMs < policy.holdOnMs || state.sightings < policy.sightings) return still(state);
  return { state: { ...state, phase: 'open', openedAtMs: atMs }, event: 'opened' };
}

function open(state: FaultState, signal: FaultSignal, atMs: number, policy: FaultPolicy): FaultStep {
  if (signal === 'active') {
    const sightings = atMs > state.seenLastMs ? state.sightings + 1 : state.sightings;
    return still({ ...state, seenLastMs: atMs, sightings, absentSinceMs: undefined });
  }
  const absentSinceMs = state.absentSinceMs ?? (signal === 'clear' ? atMs : undefined);
  // What nobody can judge any more is not gone: only a look that shows it absent clears it.
  if (signal === 'unknown' || absentSinceMs === undefined) return still(state);
  if (atMs - absentSinceMs < holdOffMs(state, policy)) return still({ ...state, absentSinceMs });
  return { state: { ...state, phase: 'cleared', sightings: 0, absentSinceMs, clearedAtMs: atMs }, event: 'cleared' };
}

function cleared(state: FaultState, signal: FaultSignal, atMs: number, policy: FaultPolicy): FaultStep {
  const endMs = (state.clearedAtMs ?? atMs) + policy.reopenWithinMs;
  if (atMs >= endMs) {
    const closed: FaultState = { ...state, phase: 'closed' };
    return { state: closed, event: 'closed' };
  }
  if (signal === 'unknown') return still(state);
  if (signal === 'clear') return still(state.sightings === 0 ? state : { ...state, sightings: 0 });
  const seen = {
    ...state,
    seenLastMs: atMs,
    sightings: atMs > state.seenLastMs ? state.sightings + 1 : state.sightings,
  };
  if (seen.sightings < policy.sightings) return still(seen);
  const { reopenings } = state;
  const back: FaultState = { ...seen, phase: 'open', absentSinceMs: undefined, clearedAtMs: undefined };
  return { state: { ...back, reopenings: reopenings + 1 }, event: 'reopened' };
}

/** The hold-off time, damped. */
export function holdOffMs({ reopenings }: Pick<FaultState, 'reopenings'>, policy: FaultPolicy): number {
  return policy.holdOffMs * Math.min(MAX_DAMPING, 2 ** reopenings);
}
