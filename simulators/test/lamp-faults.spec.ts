import { describe, expect, it } from '@jest/globals';
import type { Reading } from '#libs/protocol';
import { readingSchema } from '#libs/protocol';
import fc from 'fast-check';
import { LAMP_INJECTIONS, type FaultParameters, type InjectionKind } from '../src/faults/fault-injection.js';
import { storedPlan } from '../src/fleet/level-plan.js';
import { START_MS } from './bench-device.js';
import { benchWith, FROM_S, TO_S, type FaultBenchOptions } from './bench-faults.js';

const alwaysOff = storedPlan([[0, 0, 0]]);
/** 100 % for half an hour, then 60 %. */
const dimmed = storedPlan([
  [0, 100, 0],
  [START_MS / 1000 + 1800, 60, 30],
]);
const END_S = 5400;

function lived(faults: readonly (readonly [InjectionKind, FaultParameters?])[], options: FaultBenchOptions = {}) {
  const bench = benchWith(faults, { lamps: 1, defaultPlan: dimmed, ...options });
  bench.live(END_S);
  return bench;
}

/** A lamp with the fault beside a sound one, reading by reading while it lasts. */
function during(kind: InjectionKind, parameters?: FaultParameters, options?: FaultBenchOptions) {
  const [faulty, sound] = [lived([[kind, parameters]], options).readings(), lived([], options).readings()];
  return [...faulty]
    .filter(([atS]) => atS > FROM_S && atS <= TO_S)
    .map(([atS, reading]) => ({ atS, is: reading as Required<Reading>, was: sound.get(atS) as Required<Reading> }));
}

/** What does not remember that there has been a fault. */
function momentary({
  activeEnergyWh: _e,
  operatingHours: _o,
  switchOnCount: _s,
  temperatureC: _t,
  sequence: _q,
  ...rest
}: Reading) {
  return rest;
}

describe('a fault of a lamp', () => {
  it.each(LAMP_INJECTIONS)('%s shows in no reading before it or after its end, and keeps the contract', (kind) => {
    for (const defaultPlan of [dimmed, alwaysOff]) {
      const [faulty, sound] = [lived([[kind]], { defaultPlan }).readings(), lived([], { defaultPlan }).readings()];
      let hasShown = false;
      for (const [atS, reading] of faulty) {
        expect(readingSchema.safeParse(reading).success).toBe(true);
        // A quarter of an hour to warm up again.
        const isCold = atS <= TO_S + 900;
        if (atS <= FROM_S) expect(reading).toEqual(sound.get(atS));
        else if (atS <= TO_S) hasShown ||= JSON.stringify(reading) !== JSON.stringify(sound.get(atS));
        else if (!isCold) {
          const { activePowerW: ownW = 0, supplyCurrentA: ownA = 0, ...own } = momentary(reading);
          const { activePowerW = 0, supplyCurrentA = 0, ...others } = momentary(sound.get(atS) as Reading);
          expect(own).toEqual(others);
          expect(Math.abs(ownW - activePowerW)).toBeLessThanOrEqual(0.01 * activePowerW + 0.1);
          expect(Math.abs(ownA - supplyCurrentA)).toBeLessThanOrEqual(0.01 * supplyCurrentA + 0.001);
        }
      }
      const onlyLit: readonly string[] = [
        'lampFailure',
        'lampPowerTooHigh',
        'lampPowerTooLow',
        'dimmingFailure',
        'cyclingFailure',
      ];
      const onlyDark: readonly string[] = ['lampUnexpectedOn', 'relayFailure'];
      if (defaultPlan === dimmed && !onlyDark.includes(kind)) expect(hasShown).toBe(true);
      if (defaultPlan === alwaysOff && !onlyLit.includes(kind)) {
        // Too little to be seen in what a lamp draws that is off.
        if (!['currentTooHigh', 'currentTooLow', 'wrongPower', 'highTemperature'].includes(kind))
          expect(hasShown).toBe(true);
      }
    }
  });

  it('lampFailure: draws its standby power and gives no light, while the controller aims on', () => {
    for (const { is, was } of during('lampFailure')) {
      expect(is.activePowerW).toBeLessThan(1);
      expect([is.lightLevelPercent, is.levelInEffectPercent]).toEqual([0, was.levelInEffectPercent]);
    }
  });

  it.each([
    ['lampPowerTooHigh', 1.5],
    ['lampPowerTooLow', 0.55],
  ] as const)('%s: power, current and register go by the factor', (kind, factor) => {
    const readings = during(kind);
    for (const { is, was } of readings) {
      expect(is.activePowerW / was.activePowerW).toBeCloseTo(factor, 1);
      expect(is.supplyCurrentA).toBeCloseTo(is.activePowerW / is.supplyVoltageV / is.powerFactor, 2);
    }
    const [first, last] = [readings[0], readings.at(-1)];
    const grown = (of: 'is' | 'was') => (last?.[of].activeEnergyWh ?? 0) - (first?.[of].activeEnergyWh ?? 0);
    expect(grown('is') / grown('was')).toBeCloseTo(factor, 2);
  });

  it('dimmingFailure: stays at its level, and draws what belongs to that', () => {
    const readings = during('dimmingFailure', { levelPercent: 40 });
    expect(readings.map(({ is }) => is.lightLevelPercent)).toEqual(readings.map(() => 40));
    expect(new Set(readings.map(({ is }) => is.levelInEffectPercent))).toEqual(new Set([100, 60]));
    for (const { is, was } of readings) expect(is.activePowerW).toBeLessThan(was.activePowerW);
    expect(during('dimmingFailure', {}, { defaultPlan: alwaysOff }).every(({ is }) => is.lightLevelPercent === 0)).toBe(
      true,
    );
  });

  it('relayFailure: burns at full level while its controller has switched it off, and is like any other while it is lit', () => {
    for (const { is } of during('relayFailure', {}, { defaultPlan: alwaysOff })) {
      expect([is.lightLevelPercent, is.levelInEffectPercent]).toEqual([100, 0]);
      expect(is.activePowerW).toBeGreaterThan(20);
    }
    for (const { is, was } of during('relayFailure')) expect(is).toEqual(was);
  });

  it.each([
    ['programLost', 'default'],
    ['overrideLeftOn', 'override'],
  ] as const)('lampUnexpectedOn, %s: aims at full level by day and says why', (variant, reason) => {
    for (const { is } of during('lampUnexpectedOn', { variant }, { defaultPlan: alwaysOff })) {
      expect([is.lightLevelPercent, is.levelInEffectPercent, is.levelReason]).toEqual([100, 100, reason]);
    }
  });

  it('cyclingFailure: goes on every few minutes, and only while it should be lit', () => {
    const readings = during('cyclingFailure', { litS: 150, darkS: 100 });
    const [first, last] = [readings[0], readings.at(-1)];
    // Between two readings that are half an hour less five minutes apart, one for every 250 s, or one less.
    expect((last?.is.switchOnCount ?? 0) - (first?.is.switchOnCount ?? 0)).toBeGreaterThanOrEqual(5);
    expect(new Set(readings.map(({ is }) => is.lightLevelPercent > 0))).toEqual(new Set([true, false]));
    for (const { is, was } of readings) expect(is.levelInEffectPercent).toBe(was.levelInEffectPercent);
    for (const { is, was } of during('cyclingFailure', {}, { defaultPlan: alwaysOff })) expect(is).toEqual(was);
  });

  it.each([
    ['supplyVoltageTooHigh', 35],
    ['supplyVoltageTooLow', -30],
  ] as const)('%s: the voltage is off, the power is not', (kind, offsetV) => {
    for (const { is, was } of during(kind)) {
      expect(is.supplyVoltageV - was.supplyVoltageV).toBeCloseTo(offsetV, 1);
      expect(is.activePowerW).toBe(was.activePowerW);
      expect(is.supplyCurrentA).toBeCloseTo(is.activePowerW / is.supplyVoltageV / is.powerFactor, 2);
    }
  });

  it.each([
    ['currentTooHigh', 'supplyCurrentA', 1.6],
    ['currentTooLow', 'supplyCurrentA', 0.5],
    ['wrongPower', 'activePowerW', 1.32],
  ] as const)('%s: the reported %s is wrong by the factor, and nothing else', (kind, property, factor) => {
    for (const { is, was } of during(kind)) {
      expect(is[property] / was[property]).toBeCloseTo(factor, 2);
      expect({ ...is, [property]: 0 }).toEqual({ ...was, [property]: 0 });
    }
  });

  it('powerFactorTooLow: is low, and the current is as much higher', () => {
    for (const { is, was } of during('powerFactorTooLow')) {
      expect(is.powerFactor).toBeLessThan(0.7);
      expect(is.activePowerW).toBe(was.activePowerW);
      expect(is.supplyCurrentA / was.supplyCurrentA).toBeCloseTo(1 / 0.7, 1);
    }
  });

  it('highTemperature: heats up while it is lit', () => {
    const readings = during('highTemperature', { heatK: 200 });
    expect(readings.at(-1)?.is.temperatureC).toBeGreaterThan(85);
    expect(readings.map(({ is }) => is.temperatureC)).toEqual(
      readings.map(({ is }) => is.temperatureC).toSorted((a, b) => a - b),
    );
  });

  it.each(['controlGearCommFailure', 'leakageDetected'] as const)(
    '%s: its controller says so at once and in each reading',
    (kind) => {
      for (const { is } of during(kind)) expect(is.events).toEqual([kind]);
      const bench = lived([[kind]]);
      const said = { lamp: bench.addresses[0], event: kind };
      expect(bench.said('event')).toMatchObject([
        { ...said, active: true, time: new Date(START_MS + FROM_S * 1000).toISOString() },
        { ...said, active: false, time: new Date(START_MS + TO_S * 1000).toISOString() },
      ]);
    },
  );

  it.each([true, false])(
    'supplyLoss: a last reading, then silence and darkness (a device of its own: %s)',
    (isItsOwnDevice) => {
      const bench = benchWith([['supplyLoss']], { lamps: isItsOwnDevice ? 1 : 2, isItsOwnDevice });
      bench.live(700);
      expect(bench.physical()[0]).toBe(0);
      bench.live(4000);
      expect(bench.said('event')[0]).toMatchObject({ event: 'supplyLoss', active: true, lamp: bench.addresses[0] });
      const times = [...bench.readings().keys()];
      expect(times).toEqual([300, 600, 600.001, 2700, 3000, 3300, 3600, 3900, 4200, 4500]);
      if (!isItsOwnDevice) expect(bench.readings(bench.addresses[1]).size).toBe(15);
      expect(bench.physical()[0]).toBe(100);
    },
  );

  it('supplyLoss: the last reading has no voltage, and a lamp of a gateway gets it out too', () => {
    for (const isItsOwnDevice of [true, false]) {
      const bench = benchWith([['supplyLoss']], { lamps: 1, isItsOwnDevice });
      bench.live(700);
      expect(bench.readings().get(600.001)).toMatchObject({
        activePowerW: 0,
        supplyVoltageV: 0,
        lightLevelPercent: 0,
        levelInEffectPercent: 100,
        events: ['supplyLoss'],
      });
    }
  });

  it.each([
    ['lampFailure', dimmed],
    ['relayFailure', alwaysOff],
    ['lampUnexpectedOn', alwaysOff],
    ['dimmingFailure', dimmed],
    ['powerFactorTooLow', alwaysOff],
  ] as const)('%s: the register grows by what is drawn', (kind, defaultPlan) => {
    const readings = during(kind, {}, { defaultPlan }).filter(({ atS }) => atS < 1800);
    readings.slice(1).forEach(({ is }, index) => {
      const grownWh = is.activeEnergyWh - (readings[index]?.is.activeEnergyWh ?? 0);
      const meanW = (is.activePowerW + (readings[index]?.is.activePowerW ?? 0)) / 2;
      expect(Math.abs(grownWh - meanW / 12)).toBeLessThanOrEqual(0.01 * grownWh + 0.02);
    });
  });

  it('comes together with others', () => {
    const bench = lived([
      ['lampPowerTooHigh', { factor: 2 }],
      ['lampPowerTooHigh', { factor: 1.5 }],
      ['leakageDetected'],
      ['controlGearCommFailure'],
      ['supplyVoltageTooLow', { offsetV: -10 }],
      ['supplyVoltageTooLow', { offsetV: -20 }],
    ]);
    const is = bench.readings().get(1500) as Required<Reading>;
    const was = lived([]).readings().get(1500) as Required<Reading>;
    expect(is.activePowerW / was.activePowerW).toBeCloseTo(3, 1);
    expect(is.supplyVoltageV - was.supplyVoltageV).toBeCloseTo(-30, 1);
    expect(is.events.toSorted()).toEqual(['controlGearCommFailure', 'leakageDetected']);
    expect(bench.readings().get(3000)?.events).toBeUndefined();
  });

  it('leaves a register that never falls and grows by the real power only, whatever comes together', () => {
    const some = fc.subarray([...LAMP_INJECTIONS], { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some, fc.constantFrom(dimmed, alwaysOff), (kinds, defaultPlan) => {
        const bench = benchWith(
          kinds.map((kind) => [kind]),
          { lamps: 1, defaultPlan },
        );
        const registerWh = () => Object.values(bench.device.lampSnapshots())[0]?.state.energyWh ?? Number.NaN;
        let lastWh = registerWh();
        for (let atS = 0; atS < 3600; atS += 60) {
          bench.live(60);
          const nowWh = registerWh();
          expect(nowWh).toBeGreaterThanOrEqual(lastWh);
          // No lamp of the bench draws more than 120 W, cold and with a factor 1.5.
          expect(nowWh - lastWh).toBeLessThanOrEqual((120 * 1.05 * 1.5 * 300) / 3600 + 1e-9);
          lastWh = nowWh;
        }
        const readings = [...bench.readings().values()];
        const registers = readings.map(({ activeEnergyWh = 0 }) => activeEnergyWh);
        expect(registers).toEqual(registers.toSorted((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });
});
