/** How warm it gets: the air's year and day, and the housing behind them. */
import { solarHour } from './mains.js';
import { type LuminaireSpec } from './model.js';

/** Newton's law of cooling, for a housing of some kilograms; ms. */
const HOUSING_TAU_MS = 30 * 60_000;
/** Over the air, settled at rated power; K. */
const RISE_AT_RATED_K = 25;
const YEAR_MS = 365.2425 * 86_400_000;
/** 20 July 1970; the air lags the solstice by a month. */
const WARMEST_MS = 200 * 86_400_000;
/** h of local solar time. */
const WARMEST_AT_H = 15;
const DAY_AMPLITUDE_K = 4;
/** K for each degree of latitude. */
const YEAR_AMPLITUDE_K = 0.22;

/**
 * The air at a place and instant, degrees C: two cosines, of the year and of the solar day, around a yearly mean of
 * -1 + 28*cos^2(latitude), which is within some degrees of the climate normals from Messina to Oulu.
 */
export function ambientC(spec: LuminaireSpec, atMs: number): number {
  const cosLatitude = Math.cos((spec.latitude * Math.PI) / 180);
  const year = Math.cos(((atMs - WARMEST_MS) / YEAR_MS) * 2 * Math.PI);
  const day = Math.cos(((solarHour(spec.longitude, atMs) - WARMEST_AT_H) * Math.PI) / 12);
  // A negative latitude turns the year round.
  return -1 + 28 * cosLatitude * cosLatitude + YEAR_AMPLITUDE_K * spec.latitude * year + DAY_AMPLITUDE_K * day;
}

/**
 * A first-order lag towards ambient + rise*P, solved for a constant power and for the air as it was half a lag (or half
 * the step) before the end. So it depends, a little, on how the time is cut up.
 */
export function settleC(
  spec: LuminaireSpec,
  temperatureC: number,
  fromMs: number,
  toMs: number,
  meanPowerW: number,
): number {
  const duration = toMs - fromMs;
  if (duration <= 0) return temperatureC;
  const air = ambientC(spec, toMs - Math.min(duration / 2, HOUSING_TAU_MS));
  const heatK = meanPowerW > spec.standbyPowerW ? (spec.litHeatK ?? 0) : 0;
  const target = air + heatK + (RISE_AT_RATED_K * meanPowerW) / spec.ratedPowerW;
  return target + (temperatureC - target) * Math.exp(-duration / HOUSING_TAU_MS);
}
