import type { Place } from '#libs/astronomy';
import type { PowerModel, TariffPrices } from '#libs/energy';
import { addDays } from '#libs/kernel';
import type { ControlProgram } from '#libs/schedules';
import { nightEnergy, sumOfBands, type ExpectedEnergy } from './night/night-energy.js';
import { segmentViews } from './night/night-views.js';
import { fullPowerNight, hoursOf, programNight, rounded } from './night/program-night.js';
import type { PreviewView } from './preview.schema.js';

export interface PreviewInput {
  readonly program: ControlProgram;
  readonly place: Place;
  readonly from: string;
  readonly nights: number;
  readonly lamps: (PowerModel & { readonly count: number }) | undefined;
  readonly tariffs: readonly TariffPrices[];
}

type Sums = PreviewView['totals'];

/** What a program does in the nights from a date on, and what that costs and saves. */
export function preview(input: PreviewInput): Pick<PreviewView, 'nights' | 'totals'> {
  const nights = Array.from({ length: input.nights }, (_, day) => previewNight(input, addDays(input.from, day)));
  return { nights, totals: totalsOf(nights) };
}

function previewNight({ program, place, lamps, tariffs }: PreviewInput, date: string): PreviewView['nights'][number] {
  const { sun, curve, points, burningHours, fullLevelHours } = programNight(program, place, date);
  const full = fullPowerNight(place, date);
  const energyOf = (of: typeof curve) =>
    lamps === undefined ? null : mutable(nightEnergy(of, lamps, lamps.count, tariffs, place.timeZone));
  const sums = withSaving({
    ...{ burningHours, fullLevelHours },
    energy: energyOf(curve),
    fullPower: { burningHours: hoursOf(full).burningHours, energy: energyOf(full) },
  });
  return { date, sun, switchPoints: [...points], segments: segmentViews(curve), ...sums };
}

function totalsOf(nights: readonly Sums[]): Sums {
  const sum = (of: (night: Sums) => number) =>
    rounded(
      nights.reduce((total, night) => total + of(night), 0),
      4,
    );
  const energies = (of: (night: Sums) => Sums['energy']) => {
    const bands = nights.flatMap((night) => of(night)?.bands ?? []);
    return nights.every((night) => of(night) === null) ? null : mutable(sumOfBands(bands));
  };
  return withSaving({
    burningHours: sum((night) => night.burningHours),
    fullLevelHours: sum((night) => night.fullLevelHours),
    energy: energies((night) => night.energy),
    fullPower: {
      burningHours: sum((night) => night.fullPower.burningHours),
      energy: energies((night) => night.fullPower.energy),
    },
  });
}

function withSaving(sums: Omit<Sums, 'saving'>): Sums {
  const { energy, fullPower, fullLevelHours } = sums;
  const full = fullPower.energy;
  const isPriced = energy?.cost != null && full?.cost != null && energy.currency === full.currency;
  return {
    ...sums,
    saving: {
      energyKwh: energy === null || full === null ? null : rounded(full.energyKwh - energy.energyKwh, 6),
      cost: isPriced ? rounded((full?.cost ?? 0) - (energy?.cost ?? 0), 6) : null,
      currency: isPriced ? (energy?.currency ?? null) : null,
      percent:
        energy === null || full === null
          ? percentSaved(fullLevelHours, fullPower.burningHours)
          : percentSaved(energy.energyKwh, full.energyKwh),
    },
  };
}

function percentSaved(used: number, full: number): number | null {
  return full === 0 ? null : rounded(((full - used) / full) * 100, 2);
}

function mutable({ bands, ...rest }: ExpectedEnergy): NonNullable<Sums['energy']> {
  return { ...rest, bands: [...bands] };
}
