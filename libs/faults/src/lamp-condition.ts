import { expectedPowerW } from '#libs/energy';
import type { LampFacts } from './lamp-facts.js';

/** Clocks of lamp and server, and the lamp's own reaction, may be apart by this, ms. */
const SLACK_MS = 60_000;

/** The level that the controller aims at: as it says itself, else as it should; undefined when nobody knows. */
export function aimPercent({ reading, wanted }: LampFacts): number | undefined {
  return reading.levelInEffectPercent ?? wanted?.levelPercent;
}

/** The level that the driver can hold for an aim. */
export function heldPercent(aim: number, { type }: LampFacts): number {
  return aim === 0 ? 0 : Math.max(aim, type.minLevelPercent);
}

/** Whether the lamp has had the time to do what it aims at: the fade and a minute. */
export function isSettled({ reading, wanted, lastAsked, memory }: LampFacts): boolean {
  if (lastAsked !== undefined && isWithin(reading.atMs, lastAsked.atMs, lastAsked.fadeS * 1000 + SLACK_MS))
    return false;
  if (wanted !== undefined && isWithin(reading.atMs, wanted.sinceMs, wanted.fadeS * 1000 + SLACK_MS)) return false;
  // An aim that was first seen with this reading began somewhere since the one before.
  return memory.aimSinceMs === undefined || reading.atMs > memory.aimSinceMs;
}

/** Whether it has aimed at one and the same light for so long, ms. */
export function hasAimedFor(ms: number, facts: LampFacts): boolean {
  const { aimSinceMs } = facts.memory;
  return (aimPercent(facts) ?? 0) > 0 && (aimSinceMs === undefined || facts.reading.atMs - aimSinceMs >= ms);
}

function isWithin(atMs: number, sinceMs: number, ms: number): boolean {
  return atMs > sinceMs - SLACK_MS && atMs < sinceMs + ms;
}

/** Whether it has been lit for long enough to be warm. */
export function isWarm(facts: LampFacts): boolean {
  return hasBurntFor(facts.thresholds.warmUpS * 1000, facts);
}

/** Whether it is lit and has been for so long, ms. */
export function hasBurntFor(ms: number, { reading, memory }: LampFacts): boolean {
  return memory.litSinceMs !== undefined && reading.atMs - memory.litSinceMs >= ms;
}

/** What its type should draw at the level that it aims at, W. */
export function expectedW(aim: number, facts: LampFacts): number {
  return expectedPowerW(heldPercent(aim, facts), facts.type);
}

/** Whether it draws more than a lamp that is off; undefined when it does not say. */
export function isBurning({ reading, type, thresholds }: LampFacts): boolean | undefined {
  if (reading.activePowerW !== undefined) {
    return reading.activePowerW > type.standbyPowerW + (thresholds.onAbovePercent / 100) * type.ratedPowerW;
  }
  return reading.lightLevelPercent === undefined ? undefined : reading.lightLevelPercent > 0;
}

/** A number for people. */
export function shown(value: number, digits = 1): string {
  return String(Number(value.toFixed(digits)));
}
