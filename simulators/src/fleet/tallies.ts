import type { LampTruth } from './fleet.js';
import type { TrueReading } from './simulated-lamp.js';

interface Tally {
  acknowledged: number;
  first: TrueReading | undefined;
  last: TrueReading | undefined;
}

/** What the broker has acknowledged, lamp by lamp. */
export class Tallies {
  private readonly byLamp: ReadonlyMap<string, Tally>;

  constructor(lamps: readonly string[]) {
    this.byLamp = new Map(lamps.map((lamp) => [lamp, { acknowledged: 0, first: undefined, last: undefined }]));
  }

  get acknowledged(): number {
    return [...this.byLamp.values()].reduce((total, { acknowledged }) => total + acknowledged, 0);
  }

  count(readings: readonly TrueReading[]): void {
    for (const each of readings) {
      const tally = this.byLamp.get(each.reading.lamp);
      if (tally === undefined) continue;
      tally.acknowledged += 1;
      if (tally.first === undefined || each.timeMs < tally.first.timeMs) tally.first = each;
      if (tally.last === undefined || each.timeMs > tally.last.timeMs) tally.last = each;
    }
  }

  truth(): LampTruth[] {
    return [...this.byLamp].map(([lamp, { acknowledged, first, last }]) => ({
      lamp,
      acknowledged,
      first: reported(first),
      last: reported(last),
      trueEnergyWh: first === undefined || last === undefined ? 0 : last.trueEnergyWh - first.trueEnergyWh,
    }));
  }
}

/** As the reading tells it, by the device's clock. */
function reported(of: TrueReading | undefined): LampTruth['first'] {
  return of && { timeMs: Date.parse(of.reading.time), registerWh: of.reading.activeEnergyWh };
}
