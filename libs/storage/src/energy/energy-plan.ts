/** Which tiers answer a question about energy: the coarsest that give the same answer as the hours of the lamps would. */
import type { PricedHour } from '#libs/energy';
import { addDays, localDateOf, startOfLocalDate } from '#libs/kernel';
import type { EnergyQuery } from './energy.repository.js';

export interface InstantRange {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** The price of a whole local day; nulls where there is none, or none that holds all day. */
export interface DayPrice {
  /** YYYY-MM-DD on the site's calendar. */
  readonly day: string;
  readonly band: string | null;
  readonly currency: string | null;
  readonly pricePerKwh: number | null;
}

export interface EnergyPlan {
  /** Whose hours are read: those of the site, summed already, or those of its lamps. */
  readonly hoursOf: 'site' | 'lamps';
  /** In the order of time, none of them empty. */
  readonly hours: readonly InstantRange[];
  /** Days that are read from the days of the lamps, in their order and without a gap. */
  readonly days: readonly DayPrice[];
}

/** All of it from the hours of the lamps. */
export function planOfHours({ from, to }: Pick<EnergyQuery, 'from' | 'to'>): EnergyPlan {
  return { hoursOf: 'lamps', hours: [{ from, to }], days: [] };
}

/**
 * `hoursSinceMs`: hours of lamps are kept from this instant on (-Infinity: all of them). Days serve where prices do not change within a day; where
 * hours are not kept any more days serve whatever prices did, and have a cost where one price held all day.
 */
export function planEnergy(query: EnergyQuery, hoursSinceMs: number): EnergyPlan {
  const { from, to, by, groupBy, timeZone } = query;
  const isWholeSite =
    groupBy === 'site' && query.cabinetId === undefined && query.groupId === undefined && query.lampId === undefined;
  if (isWholeSite) return { hoursOf: 'site', hours: [{ from, to }], days: [] };
  if (by === 'hour') return planOfHours(query);
  const days = pricedDays(wholeDays(from.getTime(), to.getTime(), timeZone), query.prices, timeZone);
  const served = days.every(({ isUniform }) => isUniform) ? days : days.filter(({ startMs }) => startMs < hoursSinceMs);
  const [first, last] = [served[0], served.at(-1)];
  if (first === undefined || last === undefined) return planOfHours(query);
  const hours = [
    { from, to: new Date(first.startMs) },
    { from: new Date(last.endMs), to },
  ];
  return {
    hoursOf: 'lamps',
    hours: hours.filter((range) => range.from < range.to),
    days: served.map(({ price }) => price),
  };
}

interface LocalDay {
  readonly day: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The local days that lie in [fromMs, toMs) altogether. */
function wholeDays(fromMs: number, toMs: number, timeZone: string): LocalDay[] {
  const days: LocalDay[] = [];
  let day = localDateOf(fromMs, timeZone);
  let startMs = startOfLocalDate(day, timeZone);
  while (startMs < toMs) {
    const next = addDays(day, 1);
    const endMs = startOfLocalDate(next, timeZone);
    if (startMs >= fromMs && endMs <= toMs) days.push({ day, startMs, endMs });
    [day, startMs] = [next, endMs];
  }
  return days;
}

function pricedDays(days: readonly LocalDay[], prices: readonly PricedHour[], timeZone: string) {
  const byDay = Map.groupBy(prices, ({ hourMs }) => localDateOf(hourMs, timeZone));
  return days.map((local) => {
    const shares = byDay.get(local.day) ?? [];
    const [first] = shares;
    const hours = new Set(shares.map(({ hourMs }) => hourMs)).size;
    const isUniform =
      first === undefined ||
      (shares.every((share) => isSamePrice(share, first)) && hours === (local.endMs - local.startMs) / HOUR_MS);
    const known = isUniform ? first : undefined;
    const { day } = local;
    const price = {
      ...{ day, band: known?.band ?? null, currency: known?.currency ?? null },
      pricePerKwh: known?.pricePerKwh ?? null,
    };
    return { ...local, isUniform, price };
  });
}

const HOUR_MS = 3_600_000;

function isSamePrice(a: PricedHour, b: PricedHour): boolean {
  return a.band === b.band && a.currency === b.currency && a.pricePerKwh === b.pricePerKwh && a.fraction === b.fraction;
}
