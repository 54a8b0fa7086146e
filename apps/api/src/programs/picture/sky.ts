import { altitudeCrossings, CIVIL_DEG, HORIZON_DEG, type Crossing, type Place } from '#libs/astronomy';

/** How light it is, the lightest first, each below an altitude of the sun. */
export const SKY = [
  { name: 'day', colour: '#e8f2fb', belowDeg: undefined },
  { name: 'civil twilight', colour: '#b4c7e3', belowDeg: HORIZON_DEG },
  { name: 'nautical twilight', colour: '#6d83ae', belowDeg: CIVIL_DEG },
  { name: 'night', colour: '#2c3a5e', belowDeg: -12 },
] as const;

export interface SkyBand {
  readonly name: string;
  readonly colour: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Bands to be painted one over another: each is narrower and darker than the one before. */
export function skyBands(place: Place, date: string, startMs: number, endMs: number): SkyBand[] {
  return SKY.flatMap(({ name, colour, belowDeg }): SkyBand[] => {
    if (belowDeg === undefined) return [{ name, colour, fromMs: startMs, toMs: endMs }];
    const { evening, morning } = altitudeCrossings(place, date, belowDeg);
    const [fromMs, toMs] = [edge(evening, startMs), edge(morning, endMs)];
    if (fromMs === undefined || toMs === undefined) return [];
    const [begin, end] = [Math.max(startMs, fromMs), Math.min(endMs, toMs)];
    return begin < end ? [{ name, colour, fromMs: begin, toMs: end }] : [];
  });
}

function edge(crossing: Crossing, noonMs: number): number | undefined {
  if (crossing.kind === 'at') return crossing.ms;
  return crossing.kind === 'staysBelow' ? noonMs : undefined;
}
