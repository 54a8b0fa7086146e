import type { NightCurve } from '#libs/schedules';

const utc = (ms: number): string => new Date(Math.round(ms / 1000) * 1000).toISOString();

/** A level curve as answers give it. */
export function segmentViews({ segments }: NightCurve) {
  return segments.map(({ fromMs, toMs, levelPercent, fadeS }) => ({
    from: utc(fromMs),
    to: utc(toMs),
    levelPercent,
    fadeS,
  }));
}
