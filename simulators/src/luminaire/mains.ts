/** The supply's side: its voltage, and what current the luminaire's power makes of it. None of it bears on the power. */
import { type LuminaireSpec } from './model.js';
import { noise } from './noise.js';

/** EN 50160: 230 V, +-10 %. */
const NOMINAL_V = 230;
/** What a feeder loses, at most, when the households cook. */
const EVENING_SAG_V = 5;
/** h of local solar time. */
const SAG_DEEPEST_AT_H = 20;
/** Where on the feeder it hangs. */
const FEEDER_SPREAD_V = 2;
const MINUTE_NOISE_V = 0.8;
/** The reactive power of the driver's input filter, as a share of the rated power; it does not dim. */
const FILTER_REACTIVE_SHARE = 0.2;

/** Local mean solar time at a longitude, h in [0, 24). */
export function solarHour(longitude: number, atMs: number): number {
  const hour = atMs / 3_600_000 + longitude / 15;
  return hour - Math.floor(hour / 24) * 24;
}

/** The voltage at its terminals, V: nominal, less a sag of cosine squared in the twelve hours around the deepest, and noise. */
export function supplyVoltageV(spec: LuminaireSpec, atMs: number): number {
  const towards = Math.cos(((solarHour(spec.longitude, atMs) - SAG_DEEPEST_AT_H) * Math.PI) / 12);
  const sag = towards > 0 ? EVENING_SAG_V * towards * towards : 0;
  const minute = Math.floor(atMs / 60_000);
  const spread = FEEDER_SPREAD_V * noise(spec.seed, -1) + MINUTE_NOISE_V * noise(spec.seed, minute);
  return NOMINAL_V + (spec.supplyOffsetV ?? 0) - sag + spread;
}

/**
 * Power factor at an active power. The filter draws a reactive power Q = k * rated at any level, so with p = P/rated
 * the displacement factor is p / sqrt(p^2 + k^2) (IEEE 1459), scaled to the data sheet's value at p = 1.
 */
export function powerFactorAt(spec: LuminaireSpec, activePowerW: number): number {
  const p = Math.min(1, activePowerW / spec.ratedPowerW);
  if (!(p > 0)) return 0;
  const k2 = FILTER_REACTIVE_SHARE * FILTER_REACTIVE_SHARE;
  return spec.powerFactor * p * Math.sqrt((1 + k2) / (p * p + k2));
}

/** I = P / (V * pf), A. */
export function supplyCurrentA(activePowerW: number, voltageV: number, powerFactor: number): number {
  return activePowerW > 0 && voltageV > 0 && powerFactor > 0 ? activePowerW / (voltageV * powerFactor) : 0;
}
