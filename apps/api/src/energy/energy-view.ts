import { co2Kg } from '#libs/energy';
import type { EnergyRow } from '#libs/storage';
import type { EnergyView } from './energy.schema.js';

/** Sums of energy and cost; a cost only where every part has one, in one currency. */
class Sum {
  private energyWh = 0;
  private cost: number | null = 0;
  private currency: string | null = null;

  add(row: EnergyRow): void {
    this.energyWh += row.energyWh;
    if (row.cost === null || (this.currency !== null && row.currency !== this.currency)) this.cost = null;
    if (this.cost !== null && row.cost !== null) this.cost += row.cost;
    this.currency ??= row.currency;
  }

  toView(): { energyKwh: number; cost: number | null; currency: string | null } {
    const hasCost = this.cost !== null && this.currency !== null;
    return {
      energyKwh: rounded(this.energyWh / 1000),
      cost: hasCost ? rounded(this.cost ?? 0) : null,
      currency: hasCost ? this.currency : null,
    };
  }
}

/** Rows by tariff band, as the database has them -> rows by key and bucket, and totals. */
export function foldEnergyRows(
  rows: readonly EnergyRow[],
  co2GPerKwh: number | null,
): Pick<EnergyView, 'rows' | 'totals'> {
  const total = new Sum();
  const byBand = new Map<string | null, Sum>();
  const buckets = new Map<string, { readonly row: EnergyRow; readonly sum: Sum }>();
  for (const row of rows) {
    total.add(row);
    existing(byBand, row.band, () => new Sum()).add(row);
    existing(buckets, `${row.start.getTime()} ${row.key ?? ''} ${String(row.key === null)}`, () => ({
      row,
      sum: new Sum(),
    })).sum.add(row);
  }
  const withCo2 = (sum: Sum) => {
    const view = sum.toView();
    return { ...view, co2Kg: co2GPerKwh === null ? null : rounded(co2Kg(view.energyKwh * 1000, co2GPerKwh)) };
  };
  return {
    rows: [...buckets.values()].map(({ row, sum }) => ({
      key: row.key,
      start: row.start.toISOString(),
      hours: row.hours,
      ...withCo2(sum),
    })),
    totals: { ...withCo2(total), bands: [...byBand].map(([band, sum]) => ({ band, ...sum.toView() })) },
  };
}

function existing<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** To a thousandth of a watt-hour: what is beyond is noise of the arithmetic. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
