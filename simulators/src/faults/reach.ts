import type { City, SimulatedLamp } from '../city/city.js';
import type { FaultTarget } from './fault-injection.js';

type Index = WeakMap<City, ReadonlyMap<string, readonly SimulatedLamp[]>>;

/** Cities are large, and injections many. */
const indexes: Record<FaultTarget['kind'], Index> = {
  lamp: new WeakMap(),
  device: new WeakMap(),
  circuit: new WeakMap(),
  cabinet: new WeakMap(),
};

/** As the address of a fault's target. */
export function circuitAddressOf({ cabinet, circuit }: SimulatedLamp): string {
  return `${cabinet}/${circuit}`;
}

export function lampTarget({ address }: SimulatedLamp): FaultTarget {
  return { kind: 'lamp', address };
}

/** Whether a lamp's controller is a device of its own. */
export function isItsOwnDevice({ device, address }: SimulatedLamp): boolean {
  return device === address;
}

/** The lamps of a target. Throws RangeError when there are none. */
export function lampsOf({ kind, address }: FaultTarget, city: City): readonly SimulatedLamp[] {
  let byAddress = indexes[kind].get(city);
  if (byAddress === undefined) {
    byAddress = Map.groupBy(city.lamps, (lamp) => targetAddress(kind, lamp));
    indexes[kind].set(city, byAddress);
  }
  const found = byAddress.get(address);
  if (found === undefined) throw new RangeError(`there is no ${kind} ${address}`);
  return found;
}

/** Addresses of the devices that speak for lamps. */
export function devicesOf(lamps: readonly SimulatedLamp[]): readonly string[] {
  return [...new Set(lamps.map(({ device }) => device))];
}

function targetAddress(kind: FaultTarget['kind'], lamp: SimulatedLamp): string {
  switch (kind) {
    case 'lamp':
      return lamp.address;
    case 'device':
      return lamp.device;
    case 'cabinet':
      return lamp.cabinet;
    case 'circuit':
      return circuitAddressOf(lamp);
  }
}
