import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { benchDevice, programOf, START_MS, unixS } from './bench-device.js';

const VALID_S = 4000;
const step = fc.record({
  waitS: fc.integer({ min: 0, max: 400 }),
  then: fc.constantFrom('nothing', 'loseContact', 'regainContact', 'cutPower', 'restorePower', 'sendAgain'),
});
const point = fc.tuple(
  fc.integer({ min: 1, max: VALID_S + 500 }),
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 600 }),
);
const entry = fc.record({ firstLevel: fc.integer({ min: 0, max: 100 }), later: fc.array(point, { maxLength: 12 }) });

describe('a device left to itself', () => {
  it('aims at the level of the last switch point, whatever happens to its contact and its power', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 2 }), fc.array(step, { maxLength: 25 }), (entries, steps) => {
        const bench = benchDevice({ lamps: 2 });
        const points = entries.map(({ firstLevel, later }) => [
          [unixS(0), firstLevel, 0],
          ...later.toSorted(([a], [b]) => a - b).map(([atS, level, fadeS]) => [unixS(atS), level, fadeS]),
        ]);
        const programs = points.map((switchPoints, lamp) => ({ lamps: [bench.addresses[lamp] ?? ''], switchPoints }));
        const program = programOf('h', programs, { fromS: 0, untilS: VALID_S });
        bench.receive('program', program);
        let isPowered = true;
        for (const { waitS, then } of steps) {
          bench.wait(waitS);
          const nowMs = bench.nowMs();
          if (then === 'cutPower') bench.device.cutPower(nowMs);
          else if (then === 'restorePower') bench.device.restorePower(nowMs);
          else if (then === 'loseContact' || then === 'regainContact') bench.device[then]();
          else if (then === 'sendAgain' && isPowered) bench.receive('program', program);
          isPowered = then === 'cutPower' ? false : isPowered || then === 'restorePower';
          const isValid = nowMs < START_MS + VALID_S * 1000;
          const expected = bench.addresses.map((_, lamp) => {
            const last = isValid ? points[lamp]?.findLast(([at]) => (at ?? 0) * 1000 <= nowMs) : undefined;
            const [level, reason] = last === undefined ? [100, 'default'] : [last[1], 'calendar'];
            return [isPowered ? level : 0, reason];
          });
          expect(bench.levels()).toEqual(expected);
          if (!isPowered) expect(bench.physical()).toEqual([0, 0]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has a register that only grows, and not without power', () => {
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 8 }),
        fc.array(step, { maxLength: 20 }),
        (later, steps) => {
          const bench = benchDevice({ lamps: 1 });
          const switchPoints = later.toSorted(([a], [b]) => a - b).map(([atS, ...rest]) => [unixS(atS), ...rest]);
          bench.receive('program', programOf('h', [{ lamps: bench.addresses, switchPoints }], { untilS: VALID_S }));
          // `wait` gives an unpowered device no turn, so that the end of a cut tells what the register did in it.
          const registerWh = () => Object.values(bench.device.lampSnapshots())[0]?.state.energyWh ?? Number.NaN;
          let isPowered = true;
          let lastWh = registerWh();
          for (const { waitS, then } of steps) {
            bench.wait(waitS);
            const nowMs = bench.nowMs();
            if (then === 'cutPower') bench.device.cutPower(nowMs);
            if (then === 'restorePower') bench.device.restorePower(nowMs);
            if (!isPowered) expect(registerWh()).toBe(lastWh);
            expect(registerWh()).toBeGreaterThanOrEqual(lastWh);
            lastWh = registerWh();
            isPowered = then === 'cutPower' ? false : isPowered || then === 'restorePower';
          }
        },
      ),
    );
  });
});
