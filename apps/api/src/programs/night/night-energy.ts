import { expectedPowerW, priceShares, type PowerModel, type TariffPrices } from '#libs/energy';
import type { NightCurve } from '#libs/schedules';
import { rounded } from './program-night.js';
import { rampsOf, type Ramp } from './ramps.js';

/** Tariff bands begin on quarters of an hour at the finest, and so does a night: at local noon. */
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;

export interface EnergyOfBand {
  readonly band: string | null;
  readonly energyKwh: number;
  readonly cost: number | null;
  readonly currency: string | null;
}

/** Energy expected, and what it costs; a cost only where all of it has a price, in one currency. */
export interface ExpectedEnergy {
  readonly energyKwh: number;
  readonly cost: number | null;
  readonly currency: string | null;
  /** By tariff band; null where no tariff holds. */
  readonly bands: readonly EnergyOfBand[];
}

/** What lamps of a model draw in a night, from noon to noon: standby included, fades as they go. */
export function nightEnergy(
  curve: NightCurve,
  model: PowerModel,
  count: number,
  tariffs: readonly TariffPrices[],
  timeZone: string,
): ExpectedEnergy {
  const ramps = rampsOf(curve);
  const bands: EnergyOfBand[] = [];
  for (let quarterMs = curve.startMs; quarterMs < curve.endMs; quarterMs += QUARTER_MS) {
    const endMs = Math.min(quarterMs + QUARTER_MS, curve.endMs);
    const energyKwh = (energyWh(ramps, model, quarterMs, endMs) * count) / 1000;
    const shares = priceShares(tariffs, quarterMs, endMs, timeZone);
    if (shares.length === 0) bands.push({ band: null, energyKwh, cost: null, currency: null });
    for (const { band, currency, pricePerKwh, fraction } of shares) {
      bands.push({ band, currency, energyKwh: energyKwh * fraction, cost: energyKwh * fraction * pricePerKwh });
    }
  }
  return sumOfBands(bands);
}

/** Adds up energies, of quarters or of nights. */
export function sumOfBands(parts: readonly EnergyOfBand[]): ExpectedEnergy {
  const byBand = new Map<
    string,
    { band: string | null; energyKwh: number; cost: number | null; currency: string | null }
  >();
  for (const { band, currency, energyKwh, cost } of parts) {
    const key = JSON.stringify([band, currency]);
    const sum = byBand.get(key) ?? { band, energyKwh: 0, cost: cost === null ? null : 0, currency };
    sum.energyKwh += energyKwh;
    if (sum.cost !== null && cost !== null) sum.cost += cost;
    byBand.set(key, sum);
  }
  const bands = [...byBand.values()];
  const energyKwh = bands.reduce((sum, band) => sum + band.energyKwh, 0);
  const currencies = new Set(bands.map(({ currency }) => currency));
  const [currency] = currencies;
  const hasCost = currencies.size === 1 && currency != null;
  const cost = hasCost ? bands.reduce((sum, band) => sum + (band.cost ?? 0), 0) : null;
  return {
    energyKwh: rounded(energyKwh, 6),
    cost: cost === null ? null : rounded(cost, 6),
    currency: hasCost ? currency : null,
    bands: bands.map((band) => ({
      ...band,
      energyKwh: rounded(band.energyKwh, 6),
      cost: band.cost === null ? null : rounded(band.cost, 6),
    })),
  };
}

function energyWh(ramps: readonly Ramp[], model: PowerModel, fromMs: number, toMs: number): number {
  let sum = 0;
  for (const ramp of ramps) {
    const [beginMs, endMs] = [Math.max(ramp.fromMs, fromMs), Math.min(ramp.toMs, toMs)];
    if (beginMs < endMs) sum += rampEnergyWh(part(ramp, beginMs, endMs), model);
  }
  return sum;
}

function part(ramp: Ramp, fromMs: number, toMs: number): Ramp {
  const at = (ms: number) =>
    ramp.fromLevel + ((ramp.toLevel - ramp.fromLevel) * (ms - ramp.fromMs)) / (ramp.toMs - ramp.fromMs);
  return { fromMs, toMs, fromLevel: at(fromMs), toLevel: at(toMs) };
}

/** Power is a straight line between the points of its curve: cut there, the mean of both ends is exact. */
function rampEnergyWh({ fromMs, toMs, fromLevel, toLevel }: Ramp, model: PowerModel): number {
  const [low, high] = [Math.min(fromLevel, toLevel), Math.max(fromLevel, toLevel)];
  const hours = (toMs - fromMs) / HOUR_MS;
  if (low === high) return hours * expectedPowerW(low, model);
  const inner = model.powerCurve.map(({ levelPercent }) => levelPercent).filter((level) => low < level && level < high);
  const levels = [low, ...inner, high];
  return levels.slice(1).reduce((sum, level, index) => {
    const before = levels[index] ?? low;
    const meanW = (expectedPowerW(before, model) + expectedPowerW(level, model)) / 2;
    return sum + (meanW * hours * (level - before)) / (high - low);
  }, 0);
}
