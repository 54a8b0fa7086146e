import type { ExecutedCommand, FleetWitness, TrueReading } from '#simulators';

/** The times of a lamp's readings by the device's clock, ms since the epoch. */
export type TimesByLamp = Map<string, number[]>;

/** What the fleet did, written down beside it. */
export class Ledger {
  readonly made: TimesByLamp = new Map();
  readonly acknowledged: TimesByLamp = new Map();
  readonly executed: ExecutedCommand[] = [];
  /** Devices whose clocks have been put wrong at any time. */
  readonly wrongClocks = new Set<string>();

  readonly witness: FleetWitness = {
    made: (readings) => note(this.made, readings),
    acknowledged: (readings) => note(this.acknowledged, readings),
    executed: (command) => this.executed.push(command),
  };
}

function note(times: TimesByLamp, readings: readonly TrueReading[]): void {
  for (const { reading } of readings) {
    const own = times.get(reading.lamp);
    const ms = Date.parse(reading.time);
    if (own === undefined) times.set(reading.lamp, [ms]);
    else own.push(ms);
  }
}
