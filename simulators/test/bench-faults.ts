import { FaultDriver } from '../src/faults/fault-driver.js';
import type { FaultInjection, FaultParameters, InjectionKind } from '../src/faults/fault-injection.js';
import { benchDevice, START_MS, type BenchOptions } from './bench-device.js';

export interface FaultBenchOptions extends BenchOptions {
  /** Its only lamp's controller is the device, and no gateway. */
  readonly isItsOwnDevice?: boolean;
}

/** Goes wrong and right again so many seconds after the start. */
export const FROM_S = 600;
export const TO_S = 2400;

/** A device on the bench with what goes wrong with its first lamp, with it, or with the cabinet of all its lamps. */
export function benchWith(
  faults: readonly (readonly [InjectionKind, FaultParameters?])[],
  { isItsOwnDevice = false, ...options }: FaultBenchOptions = {},
) {
  const bench = benchDevice({ ...options, onTime: (ms) => driver.actUntil(ms) });
  const device = isItsOwnDevice ? (bench.addresses[0] ?? '') : 'd';
  const lamps = bench.city.lamps.map((lamp) => ({ ...lamp, device, cabinet: 'CAB-001', circuit: 'C1', omits: [] }));
  const returned: string[] = [];
  const driver: FaultDriver = new FaultDriver({
    injections: faults.map(([kind, parameters = {}]) =>
      injectionOf(kind, parameters, bench.addresses[0] ?? '', device),
    ),
    city: { ...bench.city, lamps },
    devices: new Map([[device, bench.device]]),
    startMs: START_MS,
    onReturn: ({ address }) => returned.push(address),
  });
  return {
    ...bench,
    returned,
    /** Lets so many seconds pass, as a fleet does. */
    live: (seconds: number) => {
      bench.sleep(seconds);
      driver.actUntil(bench.nowMs());
      bench.wait(0);
    },
    /** Readings of a lamp, by seconds after the start. */
    readings: (lamp = bench.addresses[0]) =>
      new Map(
        bench.sent
          .filter(({ reading }) => reading.lamp === lamp)
          .map(({ reading, timeMs }) => [(timeMs - START_MS) / 1000, reading] as const),
      ),
  };
}

function injectionOf(kind: InjectionKind, parameters: FaultParameters, lamp: string, device: string): FaultInjection {
  const times = { fromMs: START_MS + FROM_S * 1000, toMs: START_MS + TO_S * 1000 };
  const of = (): FaultInjection['target'] => {
    if (kind === 'cabinetOutage') return { kind: 'cabinet', address: 'CAB-001' };
    if (kind === 'circuitOutage') return { kind: 'circuit', address: 'CAB-001/C1' };
    if (['communicationFailure', 'flappingRadio', 'clockDrift', 'programMismatch'].includes(kind)) {
      return { kind: 'device', address: device };
    }
    return { kind: 'lamp', address: lamp };
  };
  return { kind, target: of(), ...times, parameters };
}
