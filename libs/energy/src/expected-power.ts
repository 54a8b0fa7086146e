/** A point of a driver's dimming curve: at `levelPercent` of its light it draws `powerPercent` of its rated power. */
export interface PowerCurvePoint {
  readonly levelPercent: number;
  readonly powerPercent: number;
}

/** What is known of the power of a model of luminaire. */
export interface PowerModel {
  /** Mains power at 100 % light level, W. */
  readonly ratedPowerW: number;
  /** Mains power when off but supplied, W. */
  readonly standbyPowerW: number;
  /** From the driver's data sheet, levels strictly growing; empty when unknown. */
  readonly powerCurve: readonly PowerCurvePoint[];
}

/**
 * Mains power to be expected at a light level, W. Off it is the standby power, at 100 % the rated power. Between, the driver's own
 * curve: straight lines between its points, from standby at 0 % and to rated power at 100 %. Without a curve, one straight line.
 *
 * The straight line is an assumption: LED drivers stay within some percent of it down to about a third of the light, below that they
 * lose efficiency and draw more. (Dimmed discharge lamps draw more all along, and need a curve.) It never falls as the level grows;
 * a curve's power is kept between standby and rated power.
 */
export function expectedPowerW(levelPercent: number, model: PowerModel): number {
  const { ratedPowerW, standbyPowerW, powerCurve } = model;
  if (levelPercent <= 0) return standbyPowerW;
  if (levelPercent >= 100) return ratedPowerW;
  const inner = powerCurve
    .filter((point) => point.levelPercent > 0 && point.levelPercent < 100)
    .map((point) => ({ level: point.levelPercent, powerW: (point.powerPercent / 100) * ratedPowerW }));
  const points = [{ level: 0, powerW: standbyPowerW }, ...inner, { level: 100, powerW: ratedPowerW }];
  const upper = points.findIndex(({ level }) => level >= levelPercent);
  const [from, to] = [points[upper - 1], points[upper]];
  if (from === undefined || to === undefined) return ratedPowerW;
  const powerW = from.powerW + ((to.powerW - from.powerW) * (levelPercent - from.level)) / (to.level - from.level);
  return Math.min(Math.max(powerW, standbyPowerW), Math.max(ratedPowerW, standbyPowerW));
}
