import { describe, expect, it } from '@jest/globals';
import { generateCity } from '../city/generate-city.js';
import { INJECTION_KINDS, type FaultInjection } from './fault-injection.js';
import { lampsOf } from './reach.js';
import { injectionsOf, SCENARIOS } from './scenarios.js';

const START_MS = Date.parse('2026-11-24T12:00:00Z');
const city = generateCity({ seed: 5, lamps: 500 });
const hamlet = generateCity({ seed: 5, lamps: 3, gatewayShare: 0 });
const kindsOf = (injections: readonly FaultInjection[]) => [...new Set(injections.map(({ kind }) => kind))];
const play = (name: string, seed = 1) => injectionsOf(name, city, START_MS, seed);

describe('scenarios', () => {
  it('are those that the simulator is asked for', () => {
    expect([...SCENARIOS.keys()].toSorted()).toEqual([
      'clean',
      'clock-drift',
      'dying-drivers',
      'flapping-radio',
      'gateway-loss',
      'lightning-storm',
      'lost-cabinet',
      'mains-sag',
      'mixed',
      'stuck-relays',
      'weeks',
      'wrong-power-firmware',
    ]);
    expect(() => play('flood')).toThrow('there is no scenario flood: clean, lost-cabinet');
  });

  it.each([...SCENARIOS.keys()])('%s is the same for a seed, and another for another', (name) => {
    expect(play(name)).toEqual(play(name));
    if (name === 'clean') return expect(play(name)).toEqual([]);
    const stories = [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(play(name, seed)));
    expect(new Set(stories).size).toBeGreaterThan(1);
  });

  it.each([...SCENARIOS.keys()])('%s happens after the start, to what there is, in any city', (name) => {
    for (const place of [city, hamlet]) {
      for (const { target, fromMs, toMs = Infinity } of injectionsOf(name, place, START_MS, 9)) {
        expect(lampsOf(target, place).length).toBeGreaterThan(0);
        expect(fromMs).toBeGreaterThanOrEqual(START_MS);
        expect(toMs).toBeGreaterThan(fromMs);
      }
    }
  });

  it.each([
    ['lost-cabinet', ['cabinetOutage']],
    ['stuck-relays', ['relayFailure']],
    ['gateway-loss', ['communicationFailure']],
    ['clock-drift', ['clockDrift']],
    ['mains-sag', ['supplyVoltageTooLow']],
    ['flapping-radio', ['flappingRadio']],
    ['wrong-power-firmware', ['wrongPower']],
    ['dying-drivers', ['lampPowerTooLow', 'lampFailure']],
    ['lightning-storm', ['cabinetOutage', 'supplyVoltageTooHigh', 'lampFailure']],
  ])('%s is one of %j', (name, kinds) => {
    expect(kindsOf(play(name))).toEqual(kinds);
  });

  it('lightning-storm strikes several cabinets within an hour, and lamps elsewhere', () => {
    const strikes = play('lightning-storm');
    const times = strikes.map(({ fromMs }) => fromMs);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(3_600_000);
    const struck = strikes.filter(({ target }) => target.kind === 'cabinet').map(({ target }) => target.address);
    expect(strikes.filter(({ kind }) => kind === 'cabinetOutage').length).toBeGreaterThan(1);
    for (const { target } of strikes.filter(({ kind }) => kind === 'lampFailure')) {
      expect(struck).not.toContain(lampsOf(target, city)[0]?.cabinet);
    }
  });

  it('wrong-power-firmware is that of all lamps of one type', () => {
    const lamps = play('wrong-power-firmware').flatMap(({ target }) => lampsOf(target, city));
    const [type] = lamps.map(({ lampType }) => lampType);
    expect(lamps).toEqual(city.lamps.filter(({ lampType }) => lampType === type));
  });

  it('dying-drivers fail when they have given too little for a day', () => {
    for (const own of Map.groupBy(play('dying-drivers'), ({ target }) => target.address).values()) {
      expect(kindsOf(own)).toEqual(['lampPowerTooLow', 'lampFailure']);
      expect(own[0]?.toMs).toBe(own[1]?.fromMs);
      expect((own[0]?.toMs ?? 0) - (own[0]?.fromMs ?? 0)).toBeGreaterThanOrEqual(86_400_000);
    }
  });

  it('mixed has every kind, and never two on one lamp', () => {
    for (const seed of [1, 2, 3]) {
      const injections = play('mixed', seed);
      expect(kindsOf(injections).toSorted()).toEqual(INJECTION_KINDS.toSorted());
      const lamps = injections.flatMap(({ target }) => lampsOf(target, city).map(({ address }) => address));
      expect(new Set(lamps).size).toBe(lamps.length);
    }
  });
});
