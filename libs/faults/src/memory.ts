import { powerRatio } from './detectors/electrical.js';
import { aimPercent, expectedW, isBurning } from './lamp-condition.js';
import type { FaultReading, LampFacts, LampMemory } from './lamp-facts.js';

const HOUR_MS = 3_600_000;
/** A baseline follows a lamp's ageing over some hundred readings, and one odd reading does not move it. */
const LEARNING_SHARE = 0.02;

/** Of a lamp that has never been looked at. */
export const BLANK_MEMORY: LampMemory = {
  powerRatio: 1,
  powerSamples: 0,
  aimSinceMs: undefined,
  aimPercent: undefined,
  litSinceMs: undefined,
  switchOnCount: undefined,
  unasked: [],
};

/** What is remembered with a new reading, before it is judged: since when the lamp aims at its level and is lit, and how it switched. */
export function noticed(facts: LampFacts): LampMemory {
  const { reading, memory } = facts;
  const aim = aimPercent(facts);
  const isSame = aim === undefined || aim === memory.aimPercent;
  const burns = isBurning(facts);
  return {
    ...memory,
    aimPercent: aim ?? memory.aimPercent,
    // The first look at a lamp finds it at a level of which nobody knows since when.
    aimSinceMs: isSame || memory.aimPercent === undefined ? memory.aimSinceMs : reading.atMs,
    litSinceMs: burns === true ? (memory.litSinceMs ?? reading.atMs) : burns === false ? undefined : memory.litSinceMs,
    switchOnCount: reading.switchOnCount ?? memory.switchOnCount,
    unasked: unaskedWith(facts),
  };
}

/** The switchings-on of the last hour beyond the one that each change of level from off may ask for. */
function unaskedWith({ reading, memory, wanted }: LampFacts): LampMemory['unasked'] {
  const recent = memory.unasked.filter(({ atMs }) => atMs > reading.atMs - HOUR_MS);
  if (reading.switchOnCount === undefined || memory.switchOnCount === undefined) return recent;
  const grown = reading.switchOnCount - memory.switchOnCount;
  // A counter that fell was reset, or belongs to another controller.
  if (grown <= 0 || grown > 1000) return recent;
  const isAsked = wanted !== undefined && reading.atMs - wanted.sinceMs < HOUR_MS;
  const count = grown - (isAsked || memory.litSinceMs === undefined ? 1 : 0);
  return count > 0 ? [...recent, { atMs: reading.atMs, count }] : recent;
}

/** What is learnt of the lamp's power from a reading that showed no fault of it. */
export function learnt(facts: LampFacts): LampMemory {
  const { memory, reading } = facts;
  const aim = aimPercent(facts);
  if (powerRatio(facts) === undefined || aim === undefined || reading.activePowerW === undefined) return memory;
  const ratio = reading.activePowerW / expectedW(aim, facts);
  const share = Math.max(LEARNING_SHARE, 1 / (memory.powerSamples + 1));
  return {
    ...memory,
    powerRatio: memory.powerRatio + share * (ratio - memory.powerRatio),
    powerSamples: Math.min(1_000_000, memory.powerSamples + 1),
  };
}

/** Whether two readings are the same look at a lamp. */
export function isNewer(reading: FaultReading, lastMs: number | undefined): boolean {
  return lastMs === undefined || reading.atMs > lastMs;
}
