import { addDays, wallTimeOf, weekdayOf, type Fault } from '#libs/kernel';

/** A price for certain hours of certain days. */
export interface TariffBand {
  readonly name: string;
  /** ISO weekdays on which the band begins, Monday 1 to Sunday 7. */
  readonly weekdays: readonly number[];
  /** Local wall time `HH:MM` at which it begins. */
  readonly from: string;
  /** Local wall time `HH:MM` at which it ends; `24:00` is midnight. Before `from`: the band spans midnight. */
  readonly to: string;
  readonly pricePerKwh: number;
}

/** What a site pays per kWh from a local date on, until its next tariff begins. */
export interface TariffPrices {
  readonly validFrom: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly basePricePerKwh: number;
  /** First match wins. */
  readonly bands: readonly TariffBand[];
}

/** A part of an hour that has one price. */
export interface PricedShare {
  /** Name of the band; `base` outside all bands. */
  readonly band: string;
  readonly currency: string;
  readonly pricePerKwh: number;
  /** Which part of the hour, 0 to 1. */
  readonly fraction: number;
}

export const BASE_BAND = 'base';
const QUARTER_MS = 900_000;

/**
 * The prices within [startMs, endMs), at most a local hour: its quarters are looked at one by one, since bands begin on quarters
 * at the finest. Fractions add up to 1, or to less where no tariff holds. Empty when none does.
 */
export function priceShares(
  tariffs: readonly TariffPrices[],
  startMs: number,
  endMs: number,
  timeZone: string,
): PricedShare[] {
  const shares = new Map<string, PricedShare>();
  for (let quarterMs = startMs; quarterMs < endMs; quarterMs += QUARTER_MS) {
    const price = priceAt(tariffs, quarterMs, timeZone);
    if (price === undefined) continue;
    const fraction = Math.min(QUARTER_MS, endMs - quarterMs) / (endMs - startMs);
    const key = `${price.currency} ${price.band} ${price.pricePerKwh}`;
    shares.set(key, { ...price, fraction: fraction + (shares.get(key)?.fraction ?? 0) });
  }
  return [...shares.values()];
}

/** The price of a kWh at an instant; undefined before the first tariff. */
export function priceAt(
  tariffs: readonly TariffPrices[],
  instantMs: number,
  timeZone: string,
): Omit<PricedShare, 'fraction'> | undefined {
  const wall = wallTimeOf(instantMs, timeZone);
  let tariff: TariffPrices | undefined;
  for (const candidate of tariffs) {
    if (candidate.validFrom <= wall.date && (tariff === undefined || candidate.validFrom > tariff.validFrom))
      tariff = candidate;
  }
  if (tariff === undefined) return undefined;
  const band = tariff.bands.find((each) => isWithin(each, wall.date, wall.minuteOfDay));
  const { currency } = tariff;
  return band === undefined
    ? { band: BASE_BAND, currency, pricePerKwh: tariff.basePricePerKwh }
    : { band: band.name, currency, pricePerKwh: band.pricePerKwh };
}

/** A band that spans midnight belongs to the day on which it begins. */
function isWithin(band: TariffBand, date: string, minuteOfDay: number): boolean {
  const from = minutesOf(band.from);
  const to = minutesOf(band.to);
  const beginsOn = (day: string) => band.weekdays.includes(weekdayOf(day));
  if (from < to) return beginsOn(date) && minuteOfDay >= from && minuteOfDay < to;
  return (beginsOn(date) && minuteOfDay >= from) || (beginsOn(addDays(date, -1)) && minuteOfDay < to);
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** One local hour with its prices, as costs are computed from it. */
export interface PricedHour extends PricedShare {
  readonly hourMs: number;
}

/**
 * The prices of every local hour in [fromMs, toMs); both must be starts of local hours. Steps by absolute hours, which are local
 * hours everywhere but on the two days a year of zones whose clock changes by half an hour.
 */
export function pricedHours(
  tariffs: readonly TariffPrices[],
  fromMs: number,
  toMs: number,
  timeZone: string,
): PricedHour[] {
  const hours: PricedHour[] = [];
  for (let hourMs = fromMs; hourMs < toMs; hourMs += 4 * QUARTER_MS) {
    for (const share of priceShares(tariffs, hourMs, hourMs + 4 * QUARTER_MS, timeZone))
      hours.push({ hourMs, ...share });
  }
  return hours;
}

/** What is wrong with a tariff, each fault with its JSON Pointer; empty when nothing is. */
export function validateTariff(tariff: TariffPrices): Fault[] {
  const faults: Fault[] = [];
  if (!isDate(tariff.validFrom)) faults.push({ at: '/validFrom', problem: 'is not a date such as 2026-01-01' });
  if (!/^[A-Z]{3}$/.test(tariff.currency))
    faults.push({ at: '/currency', problem: 'is not an ISO 4217 code such as EUR' });
  const names = new Set<string>([BASE_BAND]);
  tariff.bands.forEach((band, index) => {
    const at = `/bands/${index}`;
    if (names.has(band.name))
      faults.push({ at: `${at}/name`, problem: `"${band.name}" is taken: give every band a name of its own` });
    names.add(band.name);
    if (band.weekdays.length === 0)
      faults.push({ at: `${at}/weekdays`, problem: 'names no day: 1 is Monday, 7 is Sunday' });
    if (band.weekdays.some((day) => !Number.isInteger(day) || day < 1 || day > 7)) {
      faults.push({ at: `${at}/weekdays`, problem: 'holds something other than 1 (Monday) to 7 (Sunday)' });
    }
    for (const key of ['from', 'to'] as const) {
      if (!/^(([01]\d|2[0-3]):(00|15|30|45)|24:00)$/.test(band[key]) || (key === 'from' && band.from === '24:00')) {
        faults.push({ at: `${at}/${key}`, problem: 'is not a quarter of an hour as HH:MM, such as 22:00 or 06:45' });
      }
    }
    if (band.from === band.to)
      faults.push({ at: `${at}/to`, problem: 'equals `from`: for the whole day write 00:00 to 24:00' });
    if (!Number.isFinite(band.pricePerKwh)) faults.push({ at: `${at}/pricePerKwh`, problem: 'is not a number' });
  });
  return faults;
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && addDays(text, 0) === text;
}
