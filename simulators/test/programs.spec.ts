import { describe, expect, it } from '@jest/globals';
import { benchDevice, iso, MINUTE_MS, programFor, START_MS } from './bench-device.js';

const startS = START_MS / 1000;

describe('a device with a program', () => {
  it('runs it at once, says which, and fades as it says', () => {
    const bench = benchDevice();
    bench.program();
    expect(bench.saidOn('program-state')).toMatchObject([{ programHash: 'h' }]);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 30, reason: 'calendar', physicalPercent: 30 });
    bench.pass(10.5 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 70, physicalPercent: 50 });
    bench.pass(0.5 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 70, physicalPercent: 70 });
  });

  it('reports the level it aims at and why', () => {
    const bench = benchDevice();
    bench.program();
    bench.pass(5 * MINUTE_MS);
    bench.command();
    bench.pass(5 * MINUTE_MS);
    const reported = bench.sent.map(({ reading: { levelInEffectPercent, levelReason } }) => [
      levelInEffectPercent,
      levelReason,
    ]);
    expect(reported).toEqual([
      [30, 'calendar'],
      [20, 'override'],
      [20, 'override'],
    ]);
  });

  it('goes back to its own default when it runs out, and says so', () => {
    const bench = benchDevice();
    bench.program();
    bench.pass(60 * MINUTE_MS - 1);
    expect(bench.saidOn('program-state')).toHaveLength(1);
    bench.pass(1);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 100, reason: 'default' });
    expect(bench.saidOn('program-state').slice(1)).toMatchObject([
      { programHash: null, time: iso(START_MS + 60 * MINUTE_MS) },
    ]);
    bench.pass(600 * MINUTE_MS);
    expect(bench.saidOn('program-state')).toHaveLength(2);
  });

  it('takes one that has run out already for none', () => {
    const bench = benchDevice();
    bench.program({ validFrom: iso(START_MS - 2000), validUntil: iso(START_MS - 1000) });
    expect(bench.saidOn('program-state')).toMatchObject([{ programHash: null }]);
    expect(bench.level().reason).toBe('default');
  });

  it('goes on with what ran before until the new one is valid, though the power fails in between', () => {
    const bench = benchDevice();
    bench.program();
    bench.program({
      programHash: 'next',
      validFrom: iso(START_MS + 5 * MINUTE_MS),
      programs: [{ lamps: bench.addresses, switchPoints: [[startS + 300, 55, 0]] }],
    });
    expect(bench.saidOn('program-state').at(-1)).toMatchObject({ programHash: 'next' });
    expect(bench.level().levelInEffectPercent).toBe(30);
    bench.device.cutPower(bench.nowMs());
    bench.device.restorePower(bench.nowMs());
    bench.pass(5 * MINUTE_MS - 1);
    expect(bench.level().levelInEffectPercent).toBe(30);
    bench.pass(1);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 55, reason: 'calendar' });
    bench.pass(30 * MINUTE_MS);
    expect(bench.level().levelInEffectPercent).toBe(55);
  });

  it('keeps what was valid when a third comes after the second has begun', () => {
    const bench = benchDevice();
    const at = (programHash: string, minute: number, level: number) =>
      bench.program({
        programHash,
        validFrom: iso(START_MS + minute * MINUTE_MS),
        programs: [{ lamps: bench.addresses, switchPoints: [[startS + minute * 60, level, 0]] }],
      });
    at('a', 0, 10);
    at('b', 5, 20);
    bench.pass(6 * MINUTE_MS);
    at('c', 10, 40);
    expect(bench.level().levelInEffectPercent).toBe(20);
    bench.pass(4 * MINUTE_MS);
    expect(bench.level().levelInEffectPercent).toBe(40);
  });

  it('runs the default on lamps that stand in none of its programs, and on all when it is empty', () => {
    const bench = benchDevice({ lamps: 2 });
    const [first = '', second = ''] = bench.addresses;
    bench.receive('program', programFor([second]));
    expect(bench.device.levelsAt(bench.nowMs())).toMatchObject([
      { lamp: first, levelInEffectPercent: 100, reason: 'default' },
      { lamp: second, levelInEffectPercent: 30, reason: 'calendar' },
    ]);
    bench.program({ programHash: 'none', programs: [] });
    expect(bench.saidOn('program-state').at(-1)).toMatchObject({ programHash: 'none' });
    expect(bench.device.levelsAt(bench.nowMs()).map(({ reason }) => reason)).toEqual(['default', 'default']);
  });

  it('does not leave a street dark that its program says nothing about yet', () => {
    const bench = benchDevice();
    bench.program({ programs: [{ lamps: bench.addresses, switchPoints: [[startS + 60, 40, 0]] }] });
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 100, reason: 'default' });
    bench.pass(MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 40, reason: 'calendar' });
  });

  it('says again which it runs when it hears the same again, and lets a fade go on', () => {
    const bench = benchDevice();
    bench.program();
    bench.pass(10.5 * MINUTE_MS);
    bench.program();
    expect(bench.saidOn('program-state').map(({ programHash }) => programHash)).toEqual(['h', 'h']);
    // The same levels with a new validity.
    bench.program({ validUntil: iso(START_MS + 90 * MINUTE_MS) });
    expect(bench.level().physicalPercent).toBe(50);
    bench.pass(60 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 70, reason: 'calendar' });
  });

  it('is not disturbed by a cleared retained message', () => {
    const bench = benchDevice();
    bench.program();
    bench.receive('program', '');
    expect(bench.saidOn('event')).toEqual([]);
    expect(bench.level().reason).toBe('calendar');
  });
});

describe('a program that cannot be used', () => {
  const points = (...at: number[]) => at.map((second) => [startS + second, 50, 0] as [number, number, number]);
  const refusals: [string, (lamps: string[]) => unknown, string][] = [
    ['is no JSON', () => 'lights on', ''],
    ['fails the schema', (lamps) => ({ ...programFor(lamps), programHash: 7 }), 'programHash'],
    ['names a strange lamp', () => programFor(['X-1']), 'X-1 is not a lamp'],
    [
      'names a lamp twice',
      ([lamp = '']) => {
        const { programs } = programFor([lamp]);
        return { ...programFor([lamp]), programs: [...programs, ...programs] };
      },
      'twice',
    ],
    [
      'is out of order',
      (lamps) => programFor(lamps, { programs: [{ lamps, switchPoints: points(9, 3) }] }),
      'order of time',
    ],
    ['is never valid', (lamps) => programFor(lamps, { validUntil: iso(START_MS - 1) }), 'never'],
    ['has a day that is none', (lamps) => programFor(lamps, { validFrom: '2026-11-31T99:00:00Z' }), 'validFrom'],
  ];

  it.each(refusals)('because it %s is refused with an event, and what ran goes on', (_why, message, info) => {
    const bench = benchDevice();
    bench.program();
    bench.receive('program', message(bench.addresses));
    const [event, ...more] = bench.saidOn('event');
    expect(event).toMatchObject({ event: 'invalidProgram', active: true, info: expect.stringContaining(info) });
    expect(more).toEqual([]);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 30, reason: 'calendar' });
    bench.program({ programHash: 'good' });
    expect(bench.saidOn('event').slice(1)).toMatchObject([{ event: 'invalidProgram', active: false }]);
    expect(bench.saidOn('program-state').at(-1)).toMatchObject({ programHash: 'good' });
  });

  it('is remembered over a power cut, so that its end is told', () => {
    const bench = benchDevice();
    bench.receive('program', programFor(['X-1']));
    const later = benchDevice({ programs: structuredClone(bench.device.programSnapshot()) });
    later.program();
    expect(later.saidOn('event')).toMatchObject([{ event: 'invalidProgram', active: false }]);
  });
});

describe('a snapshot', () => {
  it('keeps the program, and the lamps go on with it from where they were', () => {
    const bench = benchDevice();
    bench.program();
    bench.pass(5 * MINUTE_MS);
    const saved = JSON.parse(
      JSON.stringify({ programs: bench.device.programSnapshot(), resume: bench.device.lampSnapshots() }),
    ) as object;
    const again = benchDevice({ ...saved, nowMs: START_MS + 20 * MINUTE_MS });
    expect(again.level()).toMatchObject({ levelInEffectPercent: 70, reason: 'calendar' });
    again.connect();
    expect(again.saidOn('program-state')).toMatchObject([{ programHash: 'h' }]);
    bench.pass(15 * MINUTE_MS);
    again.pass(0);
    const energy = (of: typeof bench) => {
      of.pass(20 * MINUTE_MS);
      return of.sent.at(-1)?.trueEnergyWh ?? Number.NaN;
    };
    expect(energy(again)).toBeCloseTo(energy(bench), 9);
  });
});
