/** Two phases that take turns for ever, counted from an instant. */
export interface Cycle {
  readonly sinceMs: number;
  readonly firstS: number;
  readonly secondS: number;
}

export function isInSecondPhase(cycle: Cycle, atMs: number): boolean {
  return phaseMs(cycle, atMs) >= cycle.firstS * 1000;
}

/** When the phase changes next after an instant. */
export function nextTurnMs(cycle: Cycle, afterMs: number): number {
  const beganMs = afterMs - phaseMs(cycle, afterMs);
  const turnMs = beganMs + cycle.firstS * 1000;
  return afterMs < turnMs ? turnMs : beganMs + periodMs(cycle);
}

/** How far it is into its two phases. */
function phaseMs(cycle: Cycle, atMs: number): number {
  return Math.max(0, atMs - cycle.sinceMs) % periodMs(cycle);
}

function periodMs({ firstS, secondS }: Cycle): number {
  return (firstS + secondS) * 1000;
}
