import type { NightCurve } from '#libs/schedules';

/** A time in which the physical level goes along a straight line. */
export interface Ramp {
  readonly fromMs: number;
  readonly toMs: number;
  readonly fromLevel: number;
  readonly toLevel: number;
}

/** The level of a lamp with its fades: a level curve as straight lines, without gaps. What a night begins with has faded before it. */
export function rampsOf({ segments }: NightCurve): Ramp[] {
  const ramps: Ramp[] = [];
  let level = segments[0]?.levelPercent ?? 0;
  for (const [index, { fromMs, toMs, levelPercent, fadeS }] of segments.entries()) {
    const fadeMs = index === 0 ? 0 : fadeS * 1000;
    const reachedMs = Math.min(fromMs + fadeMs, toMs);
    // The next switch point may come before the fade is over.
    const reached = fadeMs > 0 ? level + ((levelPercent - level) * (reachedMs - fromMs)) / fadeMs : levelPercent;
    if (reachedMs > fromMs) ramps.push({ fromMs, toMs: reachedMs, fromLevel: level, toLevel: reached });
    if (toMs > reachedMs) ramps.push({ fromMs: reachedMs, toMs, fromLevel: levelPercent, toLevel: levelPercent });
    level = reached;
  }
  return ramps;
}
