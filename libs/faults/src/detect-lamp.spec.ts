import { describe, expect, it } from '@jest/globals';
import { detectLamp } from './detect-lamp.js';
import type { LampFacts, LampMemory, WantedAtReading } from './lamp-facts.js';
import { BLANK_MEMORY } from './memory.js';
import { DEFAULT_THRESHOLDS } from './thresholds.js';

const nowMs = Date.parse('2026-11-25T21:00:00Z');
const HOUR_MS = 3_600_000;
const type = { ratedPowerW: 50, standbyPowerW: 0.5, powerCurve: [], minLevelPercent: 10 };
const wanted = (levelPercent: number, sinceH = 3): WantedAtReading => ({
  ...{ levelPercent, fadeS: 60, sinceMs: nowMs - sinceH * HOUR_MS, reason: 'calendar' },
});
const settledMemory: LampMemory = {
  ...BLANK_MEMORY,
  aimPercent: 70,
  aimSinceMs: nowMs - 3 * HOUR_MS,
  litSinceMs: nowMs - 5 * HOUR_MS,
  switchOnCount: 800,
  lookedAtMs: nowMs - 300_000,
};
/** A healthy lamp at 70 %. */
const healthy = {
  atMs: nowMs,
  lightLevelPercent: 70,
  levelInEffectPercent: 70,
  levelReason: 'calendar',
  activePowerW: 35.2,
  supplyVoltageV: 231,
  supplyCurrentA: 0.16,
  powerFactor: 0.952,
  temperatureC: 35,
  switchOnCount: 800,
};
const facts = (reading: object, parts: Partial<LampFacts> = {}): LampFacts => ({
  ...{ type, wanted: wanted(70), lastAsked: undefined, memory: settledMemory, thresholds: DEFAULT_THRESHOLDS },
  reading: { ...healthy, ...reading },
  ...parts,
});
const active = (of: LampFacts) =>
  detectLamp(of).findings.flatMap(({ kind, signal }) => (signal === 'active' ? [kind] : []));
const signal = (of: LampFacts, kind: string) =>
  detectLamp(of).findings.find((finding) => finding.kind === kind)?.signal;
const off = {
  lightLevelPercent: 0,
  levelInEffectPercent: 0,
  activePowerW: 0.5,
  supplyCurrentA: 0.01,
  powerFactor: 0.3,
};
const offMemory: LampMemory = { ...settledMemory, aimPercent: 0, litSinceMs: undefined };

describe('detectLamp', () => {
  it('finds nothing wrong with a healthy lamp, lit or off', () => {
    expect(active(facts({}))).toEqual([]);
    expect(active(facts(off, { wanted: wanted(0), memory: offMemory }))).toEqual([]);
  });

  it('says nothing of a lamp that fades, also while the command is under way and between two readings at the same aim', () => {
    const fading = { lightLevelPercent: 97.4, activePowerW: 49, supplyCurrentA: 0.223 };
    const asked = (secondsAgo: number) => ({
      wanted: undefined,
      lastAsked: { atMs: nowMs - secondsAgo * 1000, fadeS: 1 },
    });
    expect(active(facts(fading))).toEqual(['dimmingFailure']);
    expect(active(facts(fading, asked(1)))).toEqual([]);
    expect(signal(facts(fading, asked(1)), 'dimmingFailure')).toBe('unknown');
    expect(active(facts(fading, asked(62)))).toEqual(['dimmingFailure']);
  });

  it.each([
    ['lampFailure', { activePowerW: 0.6, lightLevelPercent: 0, supplyCurrentA: 0.004, powerFactor: 0.2 }],
    ['lampFailure', { activePowerW: 0.6 }],
    ['lampPowerTooLow', { activePowerW: 22, supplyCurrentA: 0.1 }],
    ['lampPowerTooHigh', { activePowerW: 48, supplyCurrentA: 0.218 }],
    ['dimmingFailure', { lightLevelPercent: 100, activePowerW: 50, supplyCurrentA: 0.227 }],
    ['supplyVoltageTooHigh', { supplyVoltageV: 258, supplyCurrentA: 0.143 }],
    ['supplyVoltageTooLow', { supplyVoltageV: 199, supplyCurrentA: 0.186 }],
    ['currentTooHigh', { supplyCurrentA: 0.22 }],
    ['currentTooLow', { supplyCurrentA: 0.11 }],
    ['powerFactorTooLow', { powerFactor: 0.6, supplyCurrentA: 0.254 }],
    ['highTemperature', { temperatureC: 91 }],
    ['leakageDetected', { events: ['leakageDetected'] }],
    [
      'controlGearCommFailure',
      { events: ['controlGearCommFailure'], lightLevelPercent: 100, activePowerW: 50, supplyCurrentA: 0.227 },
    ],
    [
      'supplyLoss',
      { events: ['supplyLoss'], activePowerW: 0, supplyVoltageV: 0, supplyCurrentA: 0, lightLevelPercent: 0 },
    ],
  ])('finds %s alone in %j', (kind, reading) => {
    expect(active(facts(reading))).toEqual([kind]);
  });

  it('tells a lamp that burns by its controller’s will from one whose relay is stuck', () => {
    const burning = (parts: { levelInEffectPercent: number; levelReason?: string }) =>
      facts(
        { activePowerW: 50, lightLevelPercent: 100, supplyCurrentA: 0.227, ...parts },
        { wanted: wanted(0), memory: { ...settledMemory, aimPercent: parts.levelInEffectPercent } },
      );
    const whyOf = (of: LampFacts) => detectLamp(of).findings.find(({ kind }) => kind === 'lampUnexpectedOn')?.evidence;
    const byDefault = burning({ levelInEffectPercent: 100, levelReason: 'default' });
    expect(active(byDefault)).toEqual(['lampUnexpectedOn']);
    expect(whyOf(byDefault)).toMatch(/lost its program/);
    expect(whyOf(burning({ levelInEffectPercent: 100, levelReason: 'override' }))).toMatch(/override that was left on/);
    expect(active(burning({ levelInEffectPercent: 0 }))).toEqual(['relayFailure']);
  });

  it('does not judge a fade, a warm-up, or what it cannot know', () => {
    const fading = facts(
      { activePowerW: 48, lightLevelPercent: 95, supplyCurrentA: 0.218 },
      { wanted: wanted(70, 0.01) },
    );
    expect(active(fading)).toEqual([]);
    const cold = facts(
      { activePowerW: 48, supplyCurrentA: 0.218 },
      { memory: { ...settledMemory, litSinceMs: nowMs - 60_000 } },
    );
    expect(active(cold)).toEqual([]);
    // By day nobody knows whether a lamp would light: its failure is neither there nor gone.
    expect(signal(facts(off, { wanted: wanted(0), memory: offMemory }), 'lampFailure')).toBe('unknown');
    expect(signal(facts({}, { wanted: undefined }), 'lampUnexpectedOn')).toBe('unknown');
    expect(
      active(
        facts({
          activePowerW: undefined,
          supplyVoltageV: undefined,
          supplyCurrentA: undefined,
          powerFactor: undefined,
          temperatureC: undefined,
        }),
      ),
    ).toEqual([]);
  });

  it('does not take a lamp that is dark, or has just been lit, for one that has cooled down', () => {
    const of = (reading: object, memory: Partial<LampMemory> = {}) =>
      signal(facts({ temperatureC: 30, ...reading }, { memory: { ...settledMemory, ...memory } }), 'highTemperature');
    expect(of({})).toBe('clear');
    expect(of({}, { litSinceMs: nowMs - 20 * 60_000 })).toBe('unknown');
    expect(of(off, offMemory)).toBe('unknown');
    expect(of({ ...off, temperatureC: 90 }, offMemory)).toBe('active');
    // Of one that tells nothing else, this is all that is known.
    const alone = { activePowerW: undefined, lightLevelPercent: undefined };
    expect(of(alone, { litSinceMs: undefined })).toBe('clear');
  });

  it('learns what a lamp draws, and then sees smaller changes than its type’s data allow', () => {
    let memory: LampMemory = settledMemory;
    // The inventory says 50 W; this one has always drawn a fifth more, which its type's tolerance lets pass.
    for (let n = 0; n < 40; n += 1) {
      ({ memory } = detectLamp(
        facts({ atMs: nowMs + n * 300_000, activePowerW: 42.2, supplyCurrentA: 0.192 }, { memory }),
      ));
    }
    expect(memory.powerRatio).toBeCloseTo(1.2, 2);
    const later = { atMs: nowMs + 41 * 300_000 };
    expect(active(facts({ ...later, activePowerW: 41, supplyCurrentA: 0.186 }, { memory }))).toEqual([]);
    expect(active(facts({ ...later, activePowerW: 33, supplyCurrentA: 0.15 }, { memory }))).toEqual([
      'lampPowerTooLow',
    ]);
    // What is faulty is not learnt.
    expect(detectLamp(facts({ ...later, activePowerW: 33, supplyCurrentA: 0.15 }, { memory })).memory.powerRatio).toBe(
      memory.powerRatio,
    );
  });

  /** What is found at each of some readings, in order. */
  const watched = (readings: readonly { reading: object; wanted?: WantedAtReading }[], first = settledMemory) => {
    let memory = first;
    return readings.map(({ reading, ...parts }) => {
      const of = facts(reading, { memory, ...parts });
      memory = detectLamp(of).memory;
      return active(of).join();
    });
  };
  const every = (
    intervalS: number,
    switchOnCounts: readonly number[],
    parts: { reading?: object; wanted?: WantedAtReading } = {},
  ) =>
    switchOnCounts.map((switchOnCount, n) => ({
      ...parts,
      reading: { ...parts.reading, switchOnCount, atMs: nowMs + (n + 1) * intervalS * 1000 },
    }));

  it('counts switchings that nobody asked for', () => {
    const found = ['', '', '', 'cyclingFailure', 'cyclingFailure', 'cyclingFailure'];
    expect(watched(every(300, [801, 802, 803, 804, 805, 806]))).toEqual(found);
    // A level that began to hold half an hour ago asked for none of them, nor does the dark phase that a reading happens to fall into.
    expect(watched(every(300, [801, 802, 803, 804, 805, 806], { wanted: wanted(70, 0.5) }))).toEqual(found);
    const [first, second, ...rest] = every(300, [801, 802, 803, 804, 805, 806]);
    const dark = { ...second, reading: { ...second?.reading, activePowerW: 0.5, lightLevelPercent: 0 } };
    expect(watched([first, dark, ...rest].filter((each) => each !== undefined)).slice(2)).toEqual(found.slice(2));
    // Two in five minutes are found in half of the time, and many within a long interval at once.
    expect(watched(every(300, [802, 804]))).toEqual(['', 'cyclingFailure']);
    expect(watched(every(3600, [815]))).toEqual(['cyclingFailure']);
  });

  it('does not count those that a program, an override or days of silence ask for', () => {
    const evening = { memory: offMemory, wanted: wanted(70, 0.1) };
    expect(active(facts({ switchOnCount: 801 }, evening))).toEqual([]);
    expect(detectLamp(facts({ switchOnCount: 801 }, evening)).memory.unasked).toEqual([]);
    const silent = { ...settledMemory, lookedAtMs: nowMs - 10 * 24 * HOUR_MS };
    expect(active(facts({ switchOnCount: 820 }, { memory: silent }))).toEqual([]);
    // Ten days of cycling show all the same.
    expect(
      active(facts({ switchOnCount: 800 + 999 }, { memory: { ...silent, lookedAtMs: nowMs - 2 * 24 * HOUR_MS } })),
    ).toEqual(['cyclingFailure']);
  });
});
