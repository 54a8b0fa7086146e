import { describe, expect, it } from '@jest/globals';
import { generateCity } from '../city/generate-city.js';
import { pastReadings } from './past-readings.js';

const city = generateCity({ seed: 3, lamps: 20 });
const fromMs = Date.parse('2026-11-24T00:00:00Z');
const toMs = fromMs + 86_400_000;

describe('pastReadings', () => {
  const readings = [...pastReadings(city, fromMs, toMs, 900)];

  it('has every lamp at its own moment of every interval, in the order of time', () => {
    expect(readings).toHaveLength(20 * 96);
    expect(readings.map(({ timeMs }) => timeMs)).toEqual(readings.map(({ timeMs }) => timeMs).sort((a, b) => a - b));
    expect(new Set(readings.map(({ timeMs }) => (timeMs - fromMs) % 900_000)).size).toBeGreaterThan(15);
    for (const { reading, timeMs, lamp } of readings) {
      expect(Date.parse(reading.time)).toBe(timeMs);
      expect(reading.lamp).toBe(city.lamps[lamp]?.address);
    }
  });

  it('is lit by night and dark by day', () => {
    const levels = (hour: number) =>
      readings
        .filter(({ timeMs }) => Math.floor((timeMs - fromMs) / 3_600_000) === hour)
        .map(({ reading }) => reading.lightLevelPercent ?? 0);
    expect(Math.max(...levels(10))).toBe(0);
    expect(Math.min(...levels(18))).toBeGreaterThan(0);
  });

  it('registers only grow', () => {
    const known = new Map<number, number>();
    for (const { lamp, reading } of readings) {
      if (reading.activeEnergyWh === undefined) continue;
      expect(reading.activeEnergyWh).toBeGreaterThanOrEqual(known.get(lamp) ?? 0);
      known.set(lamp, reading.activeEnergyWh);
    }
  });
});
