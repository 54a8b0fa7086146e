import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { benchDevice, iso, MINUTE_MS, START_MS } from './bench-device.js';

describe('a power cut', () => {
  it('leaves the lamps dark and the device silent, and its register does not grow', () => {
    const bench = benchDevice();
    bench.program();
    bench.pass(10 * MINUTE_MS);
    const before = bench.sent.at(-1);
    bench.device.cutPower(bench.nowMs());
    expect(bench.device.canConnect).toBe(false);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 0, physicalPercent: 0 });
    bench.pass(22 * MINUTE_MS);
    expect(bench.sent.at(-1)).toBe(before);
    bench.device.restorePower(bench.nowMs());
    bench.pass(3 * MINUTE_MS - 1);
    expect(bench.sent.at(-1)).toBe(before);
    bench.pass(1);
    const after = bench.sent.at(-1);
    expect(after?.reading.time).toBe(iso(START_MS + 35 * MINUTE_MS));
    expect(after?.reading.levelInEffectPercent).toBe(70);
    // Three minutes of a lamp that is lit at 70 %, and nothing for the time in the dark.
    const grownWh = (after?.trueEnergyWh ?? 0) - (before?.trueEnergyWh ?? 0);
    const inThreeMinutesWh = ((after?.reading.activePowerW ?? 0) * 3) / 60;
    expect(grownWh / inThreeMinutesWh).toBeGreaterThan(0.99);
    expect(grownWh / inThreeMinutesWh).toBeLessThan(1.05);
    expect((after?.reading.operatingHours ?? 0) - (before?.reading.operatingHours ?? 0)).toBeCloseTo(3 / 60, 1);
  });

  it('loses the override and keeps the program; the device says that it was reset', () => {
    const bench = benchDevice();
    bench.program();
    bench.command();
    bench.device.cutPower(bench.nowMs());
    bench.device.restorePower(bench.nowMs());
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 30, reason: 'calendar', physicalPercent: 30 });
    bench.said.length = 0;
    bench.connect();
    bench.connect();
    expect(bench.said.map(({ channel }) => channel)).toEqual([
      'status',
      'event',
      'program-state',
      'status',
      'program-state',
    ]);
    expect(bench.saidOn('event')).toMatchObject([{ event: 'deviceReset', active: true }]);
    expect(bench.saidOn('program-state')[0]).toMatchObject({ programHash: 'h' });
    // The command it knew is forgotten too: the server repeats it, and it is obeyed.
    bench.command();
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 20, reason: 'override' });
  });

  it('promises no reading for a command that was lost in it', () => {
    const bench = benchDevice();
    bench.command({ fadeS: 60 });
    bench.device.cutPower(bench.nowMs());
    bench.device.restorePower(bench.nowMs());
    bench.pass(4 * MINUTE_MS);
    expect(bench.sent).toEqual([]);
  });

  it('ends in a lamp that is lit again, when a run of the simulator ended in the dark', () => {
    const bench = benchDevice();
    bench.device.cutPower(bench.nowMs());
    const again = benchDevice({ resume: structuredClone(bench.device.lampSnapshots()), nowMs: START_MS + MINUTE_MS });
    expect(again.level()).toMatchObject({ levelInEffectPercent: 100, physicalPercent: 100 });
  });
});

describe('loss of contact', () => {
  it('changes nothing in the street: overrides, programs and readings go on', () => {
    const bench = benchDevice();
    bench.program();
    bench.command({ expiresAt: iso(START_MS + 8 * MINUTE_MS) });
    bench.device.loseContact();
    expect(bench.device.canConnect).toBe(false);
    bench.pass(7 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 20, reason: 'override' });
    bench.pass(4 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 70, reason: 'calendar' });
    expect(bench.sent).toHaveLength(3);
    bench.device.regainContact();
    expect(bench.device.canConnect).toBe(true);
  });

  it('is not mended by the return of the power, nor the power by that of the network', () => {
    const { device, nowMs } = benchDevice();
    device.loseContact();
    device.cutPower(nowMs());
    device.restorePower(nowMs());
    expect(device.canConnect).toBe(false);
    device.cutPower(nowMs());
    device.regainContact();
    expect(device.canConnect).toBe(false);
    device.restorePower(nowMs());
    expect(device.canConnect).toBe(true);
  });
});

describe('a clock that is wrong', () => {
  it('times readings, acknowledgements, switch points and the end of overrides', () => {
    const bench = benchDevice({ clock: { offsetMs: -MINUTE_MS, driftPpm: 0 } });
    bench.program({ validFrom: iso(START_MS - MINUTE_MS) });
    bench.command({ expiresAt: iso(START_MS + 5 * MINUTE_MS) });
    expect(bench.saidOn('ack')[0]?.['time']).toBe(iso(START_MS - MINUTE_MS));
    bench.pass(6 * MINUTE_MS - 1);
    expect(bench.level().reason).toBe('override');
    bench.pass(1);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 30, reason: 'calendar' });
    bench.pass(5 * MINUTE_MS - 1);
    expect(bench.level().levelInEffectPercent).toBe(30);
    bench.pass(1);
    expect(bench.level().levelInEffectPercent).toBe(70);
    expect(bench.sent.at(-1)).toMatchObject({ reading: { time: iso(START_MS + 9 * MINUTE_MS) } });
    expect(bench.sent.at(-1)?.timeMs).toBe(START_MS + 10 * MINUTE_MS);
  });

  it('drifts', () => {
    const bench = benchDevice({ clock: { offsetMs: 0, driftPpm: 10_000 } });
    bench.program();
    // At 1 % fast, ten minutes are over after 594.06 s.
    bench.pass(594_059);
    expect(bench.level().levelInEffectPercent).toBe(30);
    bench.pass(1);
    expect(bench.level().levelInEffectPercent).toBe(70);
  });

  it('is set right at the next connect, if the device does that, and what holds then holds at once', () => {
    const wrong = { offsetMs: 15 * MINUTE_MS, driftPpm: 0 };
    const bench = benchDevice();
    bench.program();
    bench.device.setClock(wrong, bench.nowMs());
    expect(bench.level().levelInEffectPercent).toBe(70);
    bench.connect();
    expect(bench.level().levelInEffectPercent).toBe(30);
    const stubborn = benchDevice({ syncsClock: false, clock: wrong });
    stubborn.program();
    stubborn.connect();
    expect(stubborn.level().levelInEffectPercent).toBe(70);
  });

  it('set back to before its program began, leaves no street dark', () => {
    const bench = benchDevice();
    bench.program();
    bench.device.setClock({ offsetMs: -5 * MINUTE_MS, driftPpm: 0 }, bench.nowMs());
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 100, reason: 'default' });
    bench.pass(5 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 30, reason: 'calendar' });
  });

  it('ends an override and a program that are over by it', () => {
    const bench = benchDevice();
    bench.program();
    bench.command({ expiresAt: iso(START_MS + 30 * MINUTE_MS) });
    bench.device.setClock({ offsetMs: 40 * MINUTE_MS, driftPpm: 0 }, bench.nowMs());
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 70, reason: 'calendar' });
    bench.device.setClock({ offsetMs: 60 * MINUTE_MS, driftPpm: 0 }, bench.nowMs());
    expect(bench.level().reason).toBe('default');
    expect(bench.saidOn('program-state').at(-1)).toMatchObject({ programHash: null });
    bench.device.setClock({ offsetMs: 0, driftPpm: 0 }, bench.nowMs());
    expect(bench.saidOn('program-state').at(-1)).toMatchObject({ programHash: 'h' });
    bench.pass(60 * MINUTE_MS);
    expect(bench.saidOn('program-state').at(-1)).toMatchObject({ programHash: null });
  });
});

describe('any program through any mishaps', () => {
  const seconds = (max: number) => fc.integer({ min: 0, max });
  const point = fc.tuple(seconds(3000), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 300 }));
  const mishap = fc.record({
    kind: fc.constantFrom('cutPower', 'restorePower', 'loseContact', 'regainContact', 'connect', 'look'),
    afterS: seconds(400),
  });

  it('has the level of the last switch point in effect wherever there is power', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1 }), fc.array(mishap, { maxLength: 20 }), (points, mishaps) => {
        const bench = benchDevice();
        const startS = START_MS / 1000;
        const sorted = points
          .toSorted(([a], [b]) => a - b)
          .map(([at, level, fadeS], index) => [startS + (index === 0 ? 0 : at), level, fadeS] as const);
        const switchPoints = sorted.map(([...each]) => each as [number, number, number]);
        bench.program({ programs: [{ lamps: bench.addresses, switchPoints }] });
        let isPowered = true;
        for (const { kind, afterS } of mishaps) {
          if (kind === 'cutPower' || kind === 'restorePower') {
            bench.device[kind](bench.nowMs());
            isPowered = kind === 'restorePower';
          } else if (kind === 'loseContact' || kind === 'regainContact') bench.device[kind]();
          else if (kind === 'connect') bench.connect();
          bench.pass(afterS * 1000);
          const nowS = bench.nowMs() / 1000;
          const isValid = nowS < startS + 3600;
          const expected = isValid ? switchPoints.findLast(([at]) => at <= nowS)?.[1] : 100;
          const { levelInEffectPercent, physicalPercent } = bench.level();
          expect(levelInEffectPercent).toBe(isPowered ? expected : 0);
          if (!isPowered) expect(physicalPercent).toBe(0);
        }
        for (const [index, { timeMs, trueEnergyWh }] of bench.sent.entries()) {
          expect(trueEnergyWh).toBeGreaterThanOrEqual(bench.sent[index - 1]?.trueEnergyWh ?? 0);
          expect(timeMs).toBeGreaterThan(bench.sent[index - 1]?.timeMs ?? 0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
