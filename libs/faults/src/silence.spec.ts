import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSilent, SILENCE_RULES, silencesOf, type HeardLamp } from './silence.js';

const nowMs = Date.parse('2026-11-25T21:00:00Z');
const MINUTE_MS = 60_000;
const lamp = (lampId: number, parts: Partial<HeardLamp> = {}): HeardLamp => ({
  ...{
    lampId,
    device: `D-${lampId}`,
    cabinetId: 1,
    circuit: 'C1',
    heardAtMs: nowMs - 2 * MINUTE_MS,
    offlineSinceMs: undefined,
  },
  ...{ reportingIntervalS: 300, mayBeSilent: false },
  ...parts,
});
const lamps = (count: number, from: number, parts: Partial<HeardLamp> = {}) =>
  Array.from({ length: count }, (_, n) => lamp(from + n, parts));
const silent = { heardAtMs: nowMs - 20 * MINUTE_MS };
const shape = (all: readonly HeardLamp[], lostSupply?: ReadonlySet<string>) =>
  silencesOf(all, nowMs, lostSupply).map(
    ({ kind, subject, lamps: own }) => `${kind} ${Object.values(subject).join(' ')}: ${own.length}`,
  );

describe('silence', () => {
  it('is three intervals without a reading, or a device that stays offline for a minute', () => {
    const silentAfter = (minutes: number, parts: Partial<HeardLamp> = {}) =>
      isSilent(lamp(1, { heardAtMs: nowMs - minutes * MINUTE_MS, ...parts }), nowMs, SILENCE_RULES);
    expect([silentAfter(15), silentAfter(16)]).toEqual([false, true]);
    expect([
      silentAfter(1, { offlineSinceMs: nowMs - 59_000 }),
      silentAfter(1, { offlineSinceMs: nowMs - 60_000 }),
    ]).toEqual([false, true]);
    // A circuit that is switched off by day is silent and healthy; a lamp that was never heard is missed by nobody.
    expect([
      silentAfter(600, { mayBeSilent: true }),
      isSilent(lamp(1, { heardAtMs: undefined }), nowMs, SILENCE_RULES),
    ]).toEqual([false, false]);
  });

  it('of one lamp is its link, of a circuit or cabinet its supply, of the city the platform', () => {
    const rest = lamps(60, 100, { cabinetId: 2, circuit: 'C9' });
    expect(shape([...rest, lamp(1, silent), ...lamps(9, 2)])).toEqual(['communicationFailure device D-1: 1']);
    expect(shape([...rest, ...lamps(10, 1, silent)])).toEqual(['cabinetOutage cabinet 1: 10']);
    expect(shape([...rest, ...lamps(10, 1, silent), ...lamps(10, 20, { circuit: 'C2' })])).toEqual([
      'circuitOutage circuit 1 C1: 10',
    ]);
    expect(shape([...lamps(60, 100, { ...silent, cabinetId: 2 }), ...lamps(10, 1)])).toEqual([
      'platformOutage site: 60',
    ]);
  });

  it('of a gateway is the gateway’s, unless it said that it lost its supply', () => {
    const rest = lamps(60, 100, { cabinetId: 2 });
    const behind = lamps(10, 1, { ...silent, device: 'GW' });
    expect(shape([...rest, ...behind])).toEqual(['communicationFailure device GW: 10']);
    expect(shape([...rest, ...behind], new Set(['GW']))).toEqual(['cabinetOutage cabinet 1: 10']);
    // Also when its lamps hang on several circuits.
    const circuits = [
      ...lamps(10, 1, { ...silent, device: 'GW' }),
      ...lamps(10, 30, { ...silent, device: 'GW', circuit: 'C2' }),
    ];
    expect(shape([...lamps(160, 100, { cabinetId: 2 }), ...circuits])).toEqual(['communicationFailure device GW: 20']);
    // The gateway is heard, its lamps are not: they have no supply.
    expect(shape([...rest, ...behind, ...lamps(10, 30, { device: 'GW', circuit: 'C2' })])).toEqual([
      'circuitOutage circuit 1 C1: 10',
    ]);
    expect(shape([...rest, ...lamps(1, 1, { ...silent, device: 'GW' }), ...lamps(10, 30, { device: 'GW' })])).toEqual([
      'communicationFailure lamp 1: 1',
    ]);
  });

  it('puts every silent lamp into one, and no lamp that is heard into any', () => {
    const any = fc
      .array(
        fc.record({
          device: fc.constantFrom('A', 'B', 'C', 'D', 'own'),
          cabinetId: fc.constantFrom(1, 2, null),
          circuit: fc.constantFrom('C1', 'C2', null),
          heardAtMs: fc.constantFrom(nowMs - MINUTE_MS, nowMs - 30 * MINUTE_MS, undefined),
          mayBeSilent: fc.boolean(),
        }),
        { maxLength: 40 },
      )
      .map((list) =>
        list.map((parts, n) => lamp(n, { ...parts, device: parts.device === 'own' ? `D-${n}` : parts.device })),
      );
    fc.assert(
      fc.property(any, (all) => {
        const found = silencesOf(all, nowMs).flatMap(({ lamps: own }) => own.map(({ lampId }) => lampId));
        const expected = all.filter((each) => isSilent(each, nowMs, SILENCE_RULES)).map(({ lampId }) => lampId);
        expect(found.sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});
