import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { litPowerW } from './driver-curve.js';
import { advance, initialState, read, setLevel, setSupply } from './luminaire.js';
import { type LuminaireSpec, type LuminaireState } from './model.js';

const spec: LuminaireSpec = {
  ratedPowerW: 80,
  standbyPowerW: 0.5,
  minLevelPercent: 10,
  powerFactor: 0.97,
  seed: 42,
  latitude: 47.75,
  longitude: 26.67,
};
const t0 = Date.UTC(2026, 5, 20, 18);
const zero = { energyWh: 0, operatingHours: 0, switchOnCount: 0 };
const dark = initialState(spec, t0, zero);
const s = (seconds: number): number => t0 + seconds * 1000;

/** On at 40 % in 10 s, to 100 % in 600 s, to 30 % in 90 s, off in 60 s. */
const commands: ((state: LuminaireState) => LuminaireState)[] = [
  (state) => setLevel(spec, state, 40, 10, s(100)),
  (state) => setLevel(spec, state, 100, 600, s(250)),
  (state) => setLevel(spec, state, 30, 90, s(1800)),
  (state) => setLevel(spec, state, 0, 60, s(2400)),
];
const commandTimes = [s(100), s(250), s(1800), s(2400)];

function play(samples: readonly number[], endMs: number): LuminaireState {
  const events = [
    ...samples.map((atMs) => ({ atMs, apply: (state: LuminaireState) => advance(spec, state, atMs) })),
    ...commandTimes.map((atMs, i) => ({ atMs, apply: commands[i] ?? ((state: LuminaireState) => state) })),
  ].sort((a, b) => a.atMs - b.atMs);
  return advance(
    spec,
    events.filter((e) => e.atMs <= endMs).reduce((state, e) => e.apply(state), dark),
    endMs,
  );
}

function closeTo(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

/** Of the reported power, between two instants without a jump inside, Wh. */
function simpson(state: LuminaireState, toMs: number, steps: number): number {
  const h = (toMs - state.atMs) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * read(spec, advance(spec, state, state.atMs + i * h)).activePowerW;
  }
  return (sum * h) / 3 / 3_600_000;
}

describe('the register', () => {
  it('does not depend on how often it is looked at', () => {
    const instants = fc.array(fc.double({ min: t0, max: s(3600), noNaN: true }), { maxLength: 300 });
    const once = play([], s(3600));
    fc.assert(
      fc.property(instants, (samples) => {
        const often = play(samples, s(3600));
        closeTo(often.energyWh, once.energyWh, 1e-9);
        closeTo(often.operatingHours, once.operatingHours, 1e-9);
        expect(often.switchOnCount).toBe(1);
      }),
    );
  });

  it('does not depend on it inside one short fade cut into milliseconds', () => {
    const fading = setLevel(spec, dark, 100, 2, t0);
    let state = fading;
    for (let ms = 1; ms <= 2000; ms++) state = advance(spec, state, t0 + ms);
    closeTo(state.energyWh, advance(spec, fading, t0 + 2000).energyWh, 1e-9);
  });

  it.each([
    ['a short fade', 0, 5],
    ['a long fade', 0, 3000],
    ['warming up after it', 600, 900],
    ['a settled lamp', 20_000, 40_000],
  ])('agrees with Simpson’s rule over %s', (_name, from, to) => {
    const start = advance(spec, setLevel(spec, dark, 100, to < 600 ? 5 : to === 3000 ? 3000 : 0, t0), s(from));
    const end = s(to) - 1e-3;
    closeTo(advance(spec, start, end).energyWh - start.energyWh, simpson(start, end, 2000), 1e-6);
  });

  it('agrees with Simpson’s rule over any fade', () => {
    const level = fc.double({ min: 1, max: 100, noNaN: true });
    const fade = fc.double({ min: 0.5, max: 5000, noNaN: true });
    fc.assert(
      fc.property(level, level, fade, fc.integer({ min: 0, max: 4000 }), (from, to, fadeS, litS) => {
        const start = setLevel(spec, setLevel(spec, dark, from, 0, t0), to, fadeS, s(litS));
        const end = s(litS) + fadeS * 999;
        closeTo(advance(spec, start, end).energyWh - start.energyWh, simpson(start, end, 400), 1e-6);
      }),
    );
  });

  it('has the reported power for its derivative', () => {
    for (const at of [50, 103, 180, 300, 700, 1700, 1850, 2300, 2440, 3000]) {
      const before = play([], s(at) - 10);
      const after = play([], s(at) + 10);
      const slopeW = ((after.energyWh - before.energyWh) / 20) * 3_600_000;
      closeTo(slopeW, read(spec, play([], s(at))).activePowerW, 1e-5);
    }
  });

  it('goes on from where it stood, and never back', () => {
    const start = initialState(spec, t0, { energyWh: 1000, operatingHours: 20, switchOnCount: 7 });
    const hourLater = advance(spec, start, s(3600));
    expect(hourLater.energyWh).toBeCloseTo(1000.5, 12);
    expect(hourLater.operatingHours).toBe(20);
    expect(advance(spec, hourLater, t0)).toBe(hourLater);
  });
});

describe('levels', () => {
  it('rises in a straight line, from the lowest level on', () => {
    const on = setLevel(spec, dark, 100, 90, t0);
    const levels = [0, 45, 90, 91].map((at) => read(spec, advance(spec, on, s(at))).lightLevelPercent);
    expect(levels).toEqual([10, 55, 100, 100]);
  });

  it('fades to off by way of the lowest level, and counts the fade as lit', () => {
    const fading = setLevel(spec, setLevel(spec, dark, 100, 0, t0), 0, 90, s(60));
    const levels = [60, 105, 149.9999, 150].map((at) => read(spec, advance(spec, fading, s(at))).lightLevelPercent);
    expect(levels[0]).toBe(100);
    expect(levels[1]).toBe(55);
    expect(levels[2]).toBeCloseTo(10, 3);
    expect(levels[3]).toBe(0);
    const off = advance(spec, fading, s(3600));
    expect(off.operatingHours).toBeCloseTo(150 / 3600, 12);
    expect(read(spec, off).activePowerW).toBe(0.5);
  });

  it.each([
    [0, 0],
    [-5, 0],
    [0.1, 10],
    [9.9, 10],
    [10, 10],
    [73, 73],
    [130, 100],
  ])('sent to %d %% it shows %d %%', (asked, shown) => {
    const start = setLevel(spec, dark, 50, 0, t0);
    expect(read(spec, setLevel(spec, start, asked, 0, s(1))).lightLevelPercent).toBe(shown);
  });

  it('refuses what is no number', () => {
    expect(() => setLevel(spec, dark, Number.NaN, 0, t0)).toThrow(RangeError);
    expect(() => setLevel(spec, dark, 50, Number.POSITIVE_INFINITY, t0)).toThrow(RangeError);
  });

  it('counts a switching on, not a change of level, nor a return in the middle of a fade to off', () => {
    let state = setLevel(spec, dark, 100, 0, t0);
    state = setLevel(spec, state, 50, 10, s(10));
    state = setLevel(spec, state, 0, 60, s(100));
    state = setLevel(spec, state, 80, 0, s(130));
    expect(state.switchOnCount).toBe(1);
    state = setLevel(spec, setLevel(spec, state, 0, 0, s(200)), 0, 5, s(201));
    expect(setLevel(spec, state, 80, 30, s(300)).switchOnCount).toBe(2);
  });

  it('starts a new fade from where the old one was', () => {
    const state = setLevel(spec, setLevel(spec, dark, 100, 90, t0), 10, 45, s(45));
    expect(read(spec, state).lightLevelPercent).toBe(55);
    expect(read(spec, advance(spec, state, s(67.5))).lightLevelPercent).toBe(32.5);
  });
});

describe('supply', () => {
  it('without it there is nothing to measure and nothing counts', () => {
    const cut = setSupply(spec, setLevel(spec, dark, 100, 0, t0), false, s(60));
    const later = advance(spec, cut, s(7200));
    expect(later.energyWh).toBe(cut.energyWh);
    expect(later.operatingHours).toBe(60 / 3600);
    expect(read(spec, later)).toMatchObject({
      lightLevelPercent: 0,
      activePowerW: 0,
      supplyVoltageV: 0,
      supplyCurrentA: 0,
      powerFactor: 0,
    });
  });

  it('on its return it takes up the level it had or was sent to', () => {
    const cut = setSupply(spec, setLevel(spec, dark, 70, 30, t0), false, s(10));
    const back = setSupply(spec, cut, true, s(100));
    expect(read(spec, back).lightLevelPercent).toBe(70);
    expect(back.switchOnCount).toBe(2);
    expect(setSupply(spec, back, true, s(100))).toBe(back);
    const sentOff = setSupply(spec, setLevel(spec, cut, 0, 0, s(50)), true, s(100));
    expect(read(spec, sentOff)).toMatchObject({ lightLevelPercent: 0, activePowerW: 0.5, switchOnCount: 1 });
    const sentUp = setSupply(spec, setLevel(spec, cut, 5, 9, s(50)), true, s(100));
    expect(read(spec, sentUp).lightLevelPercent).toBe(10);
  });
});

describe('what is measured', () => {
  it('draws the rated power when settled at full level, somewhat more when cold, less the lower it is', () => {
    expect(litPowerW(spec, 100, 1e6)).toBeCloseTo(80, 12);
    expect(litPowerW(spec, 100, 0)).toBeCloseTo(0.5 + 79.5 * 1.04, 12);
    for (let level = 1; level <= 100; level++) {
      expect(litPowerW(spec, level, 600)).toBeGreaterThan(litPowerW(spec, level - 1, 600));
      // More power for each percent of light than at full level: the driver's loss.
      if (level < 35) expect(litPowerW(spec, level, 1e6) / level).toBeGreaterThan(0.8);
    }
  });

  it('power factor falls with the level; voltage keeps within EN 50160; P = V * I * pf', () => {
    let last = 0;
    for (const level of [0, 10, 30, 50, 80, 100]) {
      const state = advance(spec, setLevel(spec, dark, level, 0, t0), s(9000));
      const reading = read(spec, state);
      expect(reading.powerFactor).toBeGreaterThan(last);
      last = reading.powerFactor;
      expect(Math.abs(reading.supplyVoltageV - 230)).toBeLessThan(23);
      closeTo(reading.supplyVoltageV * reading.supplyCurrentA * reading.powerFactor, reading.activePowerW, 1e-12);
    }
    closeTo(last, 0.97, 1e-6);
  });

  it('the voltage sags in the evening, differs from lamp to lamp, and is the same every time', () => {
    const mean = (utcHour: number): number => {
      let sum = 0;
      for (let m = 0; m < 60; m++) {
        sum += read(spec, advance(spec, dark, Date.UTC(2026, 5, 21, utcHour, m))).supplyVoltageV;
      }
      return sum / 60;
    };
    expect(mean(4) - mean(18)).toBeGreaterThan(4);
    expect(read(spec, dark)).toEqual(read(spec, dark));
    expect(read({ ...spec, seed: 43 }, dark).supplyVoltageV).not.toBe(read(spec, dark).supplyVoltageV);
    expect(read({ ...spec, seed: 43 }, dark).activePowerW).toBe(read(spec, dark).activePowerW);
  });

  it('warms by some twenty-five kelvin, and is colder in winter, on either side of the equator', () => {
    const off = advance(spec, dark, s(4 * 3600));
    const on = advance(spec, setLevel(spec, dark, 100, 0, t0), s(4 * 3600));
    expect(on.temperatureC - off.temperatureC).toBeGreaterThan(24);
    expect(on.temperatureC - off.temperatureC).toBeLessThan(26.5);
    const at = (latitude: number, month: number): number =>
      initialState({ ...spec, latitude }, Date.UTC(2026, month, 15, 20), zero).temperatureC;
    expect(at(47, 6) - at(47, 0)).toBeGreaterThan(15);
    expect(at(-34, 0) - at(-34, 6)).toBeGreaterThan(10);
  });

  it('a state survives being saved', () => {
    const state = advance(spec, setLevel(spec, dark, 80, 60, t0), s(20));
    const restored = JSON.parse(JSON.stringify(state)) as LuminaireState;
    expect(advance(spec, restored, s(500))).toEqual(advance(spec, state, s(500)));
  });
});
