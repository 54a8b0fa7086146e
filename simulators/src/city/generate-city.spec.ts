import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAddress } from '#libs/kernel';
import type { City, SimulatedLamp } from './city.js';
import { BOTOSANI, generateCity } from './generate-city.js';

const METRES_PER_DEGREE = 111_320;

function distanceM(a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }): number {
  const east = (a.longitude - b.longitude) * METRES_PER_DEGREE * Math.cos((BOTOSANI.latitude * Math.PI) / 180);
  return Math.hypot(east, (a.latitude - b.latitude) * METRES_PER_DEGREE);
}

function byCabinet({ cabinets, lamps }: City): Map<string, SimulatedLamp[]> {
  const members = new Map<string, SimulatedLamp[]>(cabinets.map(({ address }) => [address, []]));
  for (const lamp of lamps) members.get(lamp.cabinet)?.push(lamp);
  return members;
}

describe('a generated city', () => {
  it('is the same for the same seed, and another for another', () => {
    const city = generateCity({ seed: 1, lamps: 500 });
    expect(generateCity({ seed: 1, lamps: 500 })).toEqual(city);
    const other = generateCity({ seed: 2, lamps: 500 });
    expect(other.lamps.filter((lamp, index) => lamp.latitude === city.lamps[index]?.latitude).length).toBeLessThan(50);
  });

  it('has 12 cabinets for 500 lamps, otherwise one for every 42', () => {
    expect(generateCity({ seed: 1, lamps: 500 }).cabinets).toHaveLength(12);
    expect(generateCity({ seed: 1, lamps: 1000 }).cabinets).toHaveLength(24);
    expect(generateCity({ seed: 1, lamps: 5 }).cabinets).toHaveLength(1);
    expect(generateCity({ seed: 1, lamps: 500, cabinets: 3 }).cabinets).toHaveLength(3);
  });

  it('refuses what cannot be', () => {
    for (const options of [{ lamps: 0 }, { lamps: 1.5 }, { lamps: 5, cabinets: 6 }, { lamps: 5, cabinets: 0 }]) {
      expect(() => generateCity({ seed: 1, ...options })).toThrow(RangeError);
    }
  });

  it('holds together at any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 5000 }), (seed, lamps) => {
        const city = generateCity({ seed, lamps });
        expect(city.lamps).toHaveLength(lamps);
        const addresses = [...city.lamps.map(({ address }) => address), ...city.cabinets.map(({ address }) => address)];
        expect(new Set(addresses).size).toBe(addresses.length);
        expect([...addresses, ...city.lamps.map(({ device }) => device)].filter((each) => !isAddress(each))).toEqual(
          [],
        );
        const types = new Set(city.lampTypes.map(({ code }) => code));
        expect(city.lamps.filter(({ lampType }) => !types.has(lampType))).toEqual([]);
        for (const members of byCabinet(city).values()) expect(members.length).toBeGreaterThan(0);
      }),
      { numRuns: 25 },
    );
  });

  it.each([1, 2, 3])('has every lamp at its nearest cabinet, not far away (seed %d)', (seed) => {
    const city = generateCity({ seed, lamps: 1000 });
    for (const lamp of city.lamps) {
      const distances = city.cabinets.map((cabinet) => ({ address: cabinet.address, m: distanceM(cabinet, lamp) }));
      const own = distances.find(({ address }) => address === lamp.cabinet)?.m ?? Number.NaN;
      expect(own).toBeLessThan(1000);
      // Positions are rounded to a decimetre.
      expect(own - Math.min(...distances.map(({ m }) => m))).toBeLessThan(0.5);
    }
  });

  it.each([1, 2, 3])('has cabinets of like size (seed %d)', (seed) => {
    const sizes = [...byCabinet(generateCity({ seed, lamps: 5000 })).values()].map(({ length }) => length);
    expect(Math.max(...sizes)).toBeLessThan(42 * 4);
    expect(sizes.filter((size) => size < 8).length).toBeLessThan(sizes.length * 0.1);
  });

  it.each([1, 2, 3])('has lamps 20 to 45 m apart along a street (seed %d)', (seed) => {
    const { lamps } = generateCity({ seed, lamps: 2000 });
    lamps.slice(1).forEach((lamp, index) => {
      const before = lamps[index];
      if (before === undefined || before.street !== lamp.street || Number(lamp.pole) !== Number(before.pole) + 1)
        return;
      expect(distanceM(before, lamp)).toBeGreaterThan(20);
      expect(distanceM(before, lamp)).toBeLessThan(45);
    });
  });

  it('gives each pole of a street a number of its own', () => {
    const { lamps } = generateCity({ seed: 1, lamps: 2000 });
    const poles = lamps.map(({ street, pole }) => `${street} ${pole}`);
    expect(poles.filter((pole, index) => poles.indexOf(pole) !== index)).toEqual([]);
  });

  it('has gateways that speak for whole cabinets, at most 100 lamps each', () => {
    const city = generateCity({ seed: 1, lamps: 2000, cabinets: 10, gatewayShare: 0.6 });
    const withGateway = [...byCabinet(city).values()].map(
      (lamps) => new Set(lamps.map(({ device, address }) => device !== address)),
    );
    expect(withGateway.every(({ size }) => size === 1)).toBe(true);
    expect(withGateway.filter((each) => each.has(true))).toHaveLength(6);
    const perDevice = Map.groupBy(city.lamps, ({ device }) => device);
    for (const [device, lamps] of perDevice) {
      expect(lamps.length).toBeLessThanOrEqual(100);
      expect(new Set(lamps.map(({ cabinet }) => cabinet)).size).toBe(1);
      if (lamps.length > 1) expect(device).toMatch(/^GW-\d{3}$/);
    }
  });

  it('has run for half a year to six, with an energy register to fit', () => {
    const { lamps, lampTypes } = generateCity({ seed: 1, lamps: 500 });
    for (const { lampType, initialEnergyWh, initialOperatingHours, initialSwitchOnCount } of lamps) {
      const ratedPowerW = lampTypes.find(({ code }) => code === lampType)?.ratedPowerW ?? 0;
      expect(initialOperatingHours).toBeGreaterThanOrEqual(2000);
      expect(initialOperatingHours).toBeLessThanOrEqual(24_000);
      expect(initialEnergyWh / (initialOperatingHours * ratedPowerW)).toBeCloseTo(0.7, 2);
      expect(Number.isInteger(initialSwitchOnCount)).toBe(true);
    }
  });

  it('has some controllers that leave out a property, but never the register', () => {
    const { lamps } = generateCity({ seed: 1, lamps: 5000, gatewayShare: 0 });
    const poorer = lamps.filter(({ omits }) => omits.length > 0);
    expect(poorer.length / lamps.length).toBeGreaterThan(0.07);
    expect(poorer.length / lamps.length).toBeLessThan(0.2);
    expect(poorer.filter(({ omits }) => omits.includes('activeEnergyWh'))).toEqual([]);
  });
});
