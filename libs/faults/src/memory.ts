import { powerRatio } from './detectors/electrical.js';
import { aimPercent, expectedW, isBurning } from './lamp-condition.js';
import type { FaultReading, LampFacts, LampMemory } from './lamp-facts.js';

const HOUR_MS = 3_600_000;
/** Programs with a dark hour light a lamp twice a night; twice as many are given to overrides. */
const ASKED_PER_DAY = 4;
/** Clocks of lamp and server may be apart by this, ms. */
const SLACK_MS = 60_000;
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
  lookedAtMs: undefined,
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
    lookedAtMs: reading.atMs,
    unasked: unaskedWith(facts),
  };
}

/** The switchings-on of the last hour that nobody asked for. What was not heard for longer than an hour counts by its share of an hour. */
function unaskedWith(facts: LampFacts): LampMemory['unasked'] {
  const { reading, memory } = facts;
  const recent = memory.unasked.filter(({ atMs }) => atMs > reading.atMs - HOUR_MS);
  if (reading.switchOnCount === undefined || memory.switchOnCount === undefined) return recent;
  const grown = reading.switchOnCount - memory.switchOnCount;
  // A counter that fell was reset, or belongs to another controller.
  if (grown <= 0 || grown > 1000) return recent;
  const gapMs = memory.lookedAtMs === undefined ? HOUR_MS : reading.atMs - memory.lookedAtMs;
  const count = Math.floor((grown - askedWithin(gapMs, facts)) * Math.min(1, HOUR_MS / gapMs));
  return count > 0 ? [...recent, { atMs: reading.atMs, count }] : recent;
}

/** How often a lamp may have been asked to go on since the reading before, which was `gapMs` ago. */
function askedWithin(gapMs: number, facts: LampFacts): number {
  const { reading, memory, wanted } = facts;
  if (gapMs > HOUR_MS) return 1 + Math.ceil((ASKED_PER_DAY * gapMs) / (24 * HOUR_MS));
  const aim = aimPercent(facts);
  const wentOn = aim === undefined || (aim > 0 && !memory.aimPercent);
  const hasChanged = wanted !== undefined && reading.atMs - wanted.sinceMs <= gapMs + SLACK_MS;
  return wentOn || hasChanged || memory.lookedAtMs === undefined ? 1 : 0;
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
