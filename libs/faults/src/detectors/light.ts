/** Is it lit when it should be, dark when it should be, and at its level? */
import type { Detector, Finding, LampFacts } from '../lamp-facts.js';
import type { LampFaultKind } from '../fault-kinds.js';
import { evidence } from '../evidence.js';
import { aimPercent, expectedW, hasAimedFor, heldPercent, isBurning, isSettled, shown } from '../lamp-condition.js';

const unknown = (kind: LampFaultKind): Finding => ({ kind, signal: 'unknown', evidence: '' });
const clear = (kind: LampFaultKind): Finding => ({ kind, signal: 'clear', evidence: '' });

/** Should be lit and draws next to nothing (TALQ: "should be lit, but produces no light"). Cannot be judged while it should be off. */
export const lampFailure: Detector = (facts) => {
  const kind = 'lampFailure';
  const aim = aimPercent(facts);
  if (aim === undefined || aim === 0 || !isSettled(facts)) return unknown(kind);
  const { activePowerW, lightLevelPercent, supplyVoltageV } = facts.reading;
  // Without voltage there is nothing to burn with: that is the supply's fault.
  if (supplyVoltageV !== undefined && supplyVoltageV < 50) return unknown(kind);
  if (activePowerW === undefined) {
    if (lightLevelPercent === undefined) return unknown(kind);
    return lightLevelPercent > 0
      ? clear(kind)
      : { kind, signal: 'active', evidence: evidence('noLight', { level: shown(aim) }) };
  }
  const expected = expectedW(aim, facts);
  const share = (100 * (activePowerW - facts.type.standbyPowerW)) / Math.max(1e-9, expected - facts.type.standbyPowerW);
  if (share >= facts.thresholds.darkBelowPercent) return clear(kind);
  const figures = { powerW: shown(activePowerW), level: shown(aim), expectedW: shown(expected) };
  return { kind, signal: 'active', evidence: evidence('powerFarBelow', figures) };
};

/**
 * Burns although calendar and overrides want it off, and its controller wants it to. The reason that the controller gives says why. When
 * the controller itself wants it off, the relay is stuck: another fault.
 */
export const lampUnexpectedOn: Detector = (facts) => {
  const kind = 'lampUnexpectedOn';
  const { wanted, reading } = facts;
  const burns = isBurning(facts);
  if (wanted === undefined || burns === undefined || !isSettled(facts)) return unknown(kind);
  if (wanted.levelPercent > 0) return unknown(kind);
  if (!burns || reading.levelInEffectPercent === 0) return clear(kind);
  return { kind, signal: 'active', evidence: evidence(whyOn(facts)) };
};

/** Why a lamp burns that should be off, as far as its controller says. */
function whyOn({
  reading,
}: LampFacts): 'heldByOverride' | 'heldByDefault' | 'heldBySensor' | 'heldByProgram' | 'heldUnsaid' {
  switch (reading.levelReason) {
    case 'override':
      return 'heldByOverride';
    case 'default':
      return 'heldByDefault';
    case 'sensor':
      return 'heldBySensor';
    case 'calendar':
      return 'heldByProgram';
    default:
      return 'heldUnsaid';
  }
}

/** Burns although its own controller wants it off. */
export const relayFailure: Detector = (facts) => {
  const kind = 'relayFailure';
  const { levelInEffectPercent, activePowerW } = facts.reading;
  const burns = isBurning(facts);
  if (levelInEffectPercent === undefined || burns === undefined || !isSettled(facts)) return unknown(kind);
  if (levelInEffectPercent > 0) return unknown(kind);
  if (!burns) return clear(kind);
  const seen =
    activePowerW === undefined ? evidence('litThoughOff') : evidence('drawsThoughOff', { powerW: shown(activePowerW) });
  return { kind, signal: 'active', evidence: seen };
};

/** Lit, but not at the level that its controller aims at (corrected for what the driver can hold). */
export const dimmingFailure: Detector = (facts) => {
  const kind = 'dimmingFailure';
  const { lightLevelPercent } = facts.reading;
  const aim = aimPercent(facts);
  if (aim === undefined || aim === 0 || !lightLevelPercent || !isSettled(facts)) return unknown(kind);
  const held = heldPercent(aim, facts);
  if (Math.abs(lightLevelPercent - held) <= facts.thresholds.dimmingTolerancePercent) return clear(kind);
  const figures = { level: shown(lightLevelPercent), expected: shown(held) };
  return { kind, signal: 'active', evidence: evidence('otherLevel', figures) };
};

/** Cycles are counted over this. */
const CYCLES_COUNTED_MS = 3_600_000;

/** Goes on more often than the program asks for. */
export const cyclingFailure: Detector = (facts) => {
  const kind = 'cyclingFailure';
  const { memory, reading, thresholds } = facts;
  if (reading.switchOnCount === undefined || memory.switchOnCount === undefined) return unknown(kind);
  const cycles = memory.unasked.reduce((sum, { count }) => sum + count, 0);
  // By day it rests: only an hour in which it should have been lit shows that it is sound again.
  if (cycles < thresholds.cyclesPerHour) return hasAimedFor(CYCLES_COUNTED_MS, facts) ? clear(kind) : unknown(kind);
  return { kind, signal: 'active', evidence: evidence('cycles', { count: cycles }) };
};
