import type { NightCurve } from './night-curve.js';

const HOUR_MS = 3_600_000;

/** What a night comes to. Fades count as steps: a fade of minutes is nothing beside hours. */
export interface NightSummary {
  /** How long the lamp is lit, h. */
  readonly burningHours: number;
  /** The hours at full level that would give as much light, h. */
  readonly fullLevelHours: number;
  /** How often it goes on. */
  readonly switchOns: number;
}

/** Sums a night up. A lamp that is lit at the night's beginning does not count as going on. */
export function nightSummary({ segments }: NightCurve): NightSummary {
  let [burningMs, fullLevelMs, switchOns] = [0, 0, 0];
  segments.forEach(({ fromMs, toMs, levelPercent }, index) => {
    fullLevelMs += ((toMs - fromMs) * levelPercent) / 100;
    if (levelPercent === 0) return;
    burningMs += toMs - fromMs;
    if (index > 0 && segments[index - 1]?.levelPercent === 0) switchOns += 1;
  });
  return { burningHours: burningMs / HOUR_MS, fullLevelHours: fullLevelMs / HOUR_MS, switchOns };
}
