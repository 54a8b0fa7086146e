import type { NightCurve } from './night-curve.js';
import { localDateOf } from '#libs/kernel';

export interface CompiledPoint {
  readonly atS: number;
  readonly levelPercent: number;
  readonly fadeS: number;
}

export function nightPoints(curve: NightCurve): CompiledPoint[] {
  const points = new Map<number, CompiledPoint>();
  for (const { fromMs, levelPercent, fadeS } of curve.segments) {
    const atS = Math.round(fromMs / 1000);
    points.set(atS, { atS, levelPercent, fadeS });
  }
  return [...points.values()];
}

export function dateOfNight(ms: number, timeZone: string): string {
  return localDateOf(ms - 43_200_000, timeZone);
}
