import { describe, expect, it } from '@jest/globals';
import { startOfLocalDate } from '#libs/kernel';
import { co2Kg } from './co2.js';
import { priceAt, pricedHours, priceShares, validateTariff, type TariffPrices } from './tariff.js';

const zone = 'Europe/Bucharest';
const tariff: TariffPrices = {
  validFrom: '2026-01-01',
  currency: 'RON',
  basePricePerKwh: 1.2,
  bands: [
    { name: 'night', weekdays: [1, 2, 3, 4, 5], from: '22:00', to: '06:00', pricePerKwh: 0.7 },
    { name: 'weekend', weekdays: [6, 7], from: '00:00', to: '24:00', pricePerKwh: 0.8 },
  ],
};
const bandAt = (iso: string, tariffs = [tariff]) => priceAt(tariffs, Date.parse(iso), zone)?.band;

describe('tariffs', () => {
  it('give a band that spans midnight to the day on which it begins', () => {
    // 2026-11-27 is a Friday, 23:30 local is 21:30 UTC.
    expect(bandAt('2026-11-27T21:30:00Z')).toBe('night');
    expect(bandAt('2026-11-28T02:00:00Z')).toBe('night');
    expect(bandAt('2026-11-28T04:30:00Z')).toBe('weekend');
    // Monday before six: Sunday is no day of the night band.
    expect(bandAt('2026-11-30T02:00:00Z')).toBe('base');
    expect(bandAt('2026-11-30T10:00:00Z')).toBe('base');
  });

  it('hold from their date on, until the next', () => {
    const next = { ...tariff, validFrom: '2026-07-01', basePricePerKwh: 2, bands: [] };
    const priceOn = (iso: string) => priceAt([next, tariff], Date.parse(iso), zone)?.pricePerKwh;
    expect(priceOn('2025-12-31T12:00:00Z')).toBeUndefined();
    expect(priceOn('2026-06-30T12:00:00Z')).toBe(1.2);
    expect(priceOn('2026-06-30T21:00:00Z')).toBe(2);
  });

  it('share an hour among the bands that begin within it', () => {
    const half = {
      ...tariff,
      bands: [{ ...tariff.bands[0], name: 'night', from: '22:15', to: '06:00', weekdays: [5], pricePerKwh: 0.5 }],
    };
    const start = Date.parse('2026-11-27T20:00:00Z');
    expect(priceShares([half], start, start + 3_600_000, zone)).toEqual([
      { band: 'base', currency: 'RON', pricePerKwh: 1.2, fraction: 0.25 },
      { band: 'night', currency: 'RON', pricePerKwh: 0.5, fraction: 0.75 },
    ]);
  });

  it('price the whole of every hour of a year, the two changes of the clock included', () => {
    const from = startOfLocalDate('2026-01-01', zone);
    const to = startOfLocalDate('2027-01-01', zone);
    const shares = pricedHours([tariff], from, to, zone);
    expect(shares.reduce((sum, { fraction }) => sum + fraction, 0)).toBeCloseTo(8760, 6);
  });

  it('are refused with the place and the reason', () => {
    expect(validateTariff(tariff)).toEqual([]);
    const bad = {
      validFrom: '2026-02-30',
      currency: 'lei',
      basePricePerKwh: 1,
      bands: [
        { name: 'a', weekdays: [], from: '22:07', to: '25:00', pricePerKwh: Number.NaN },
        { name: 'a', weekdays: [8], from: '10:00', to: '10:00', pricePerKwh: 1 },
      ],
    };
    expect(validateTariff(bad).map(({ at }) => at)).toEqual([
      '/validFrom',
      '/currency',
      '/bands/0/weekdays',
      '/bands/0/from',
      '/bands/0/to',
      '/bands/0/pricePerKwh',
      '/bands/1/name',
      '/bands/1/weekdays',
      '/bands/1/to',
    ]);
  });
});

describe('co2Kg', () => {
  it('turns energy into mass', () => {
    expect(co2Kg(2_000, 250)).toBe(0.5);
  });
});
