import { describe, expect, it } from '@jest/globals';
import { START_MS } from './bench-device.js';
import { benchWith, FROM_S } from './bench-faults.js';

describe('a fault of a device or of what feeds it', () => {
  it('communicationFailure: its readings are kept, and it may connect afterwards', () => {
    const bench = benchWith([['communicationFailure']]);
    bench.live(900);
    expect(bench.device.canConnect).toBe(false);
    bench.live(1800);
    expect([bench.device.canConnect, bench.returned]).toEqual([true, ['d']]);
    expect(bench.readings().size).toBe(9);
  });

  it('flappingRadio: contact comes and goes', () => {
    const bench = benchWith([['flappingRadio', { lostS: 120, heardS: 180 }]]);
    const heard: boolean[] = [];
    bench.live(FROM_S);
    for (let atS = FROM_S; atS < 3000; atS += 60) {
      bench.live(60);
      heard.push(bench.device.canConnect);
    }
    // 120 s lost, the change at the very instant; six cycles, then sound.
    expect(heard.slice(0, 30)).toEqual(
      Array.from({ length: 6 }, () => [false, true, true, true, false])
        .flat()
        .with(29, true),
    );
    expect(heard.slice(30)).toEqual(Array(10).fill(true));
    expect(bench.returned).toHaveLength(6);
  });

  it('clockDrift: reports by a wrong clock, which no connect sets right, until it is repaired', () => {
    const bench = benchWith([['clockDrift', { offsetMs: 120_000, driftPpm: 1000 }]]);
    bench.live(900);
    bench.connect();
    bench.live(2100);
    const aheadS = bench.sent
      .filter(({ reading }) => reading.lamp === bench.addresses[0])
      .map(({ reading, timeMs }) => (Date.parse(reading.time) - timeMs) / 1000);
    expect(aheadS).toEqual([0, 0, 120.3, 120.6, 120.9, 121.2, 121.5, 121.8, 0, 0]);
  });

  it('programMismatch: says another hash, runs its own default, and takes no program until it is repaired', () => {
    const bench = benchWith([['programMismatch', { programHash: 'x' }]]);
    const program = (programHash: string, level: number) => ({
      v: 1,
      programHash,
      validFrom: new Date(START_MS - 60_000).toISOString(),
      validUntil: new Date(START_MS + 86_400_000).toISOString(),
      programs: [{ lamps: bench.addresses, switchPoints: [[START_MS / 1000 - 60, level, 0]] }],
    });
    bench.receive('program', program('a', 30));
    bench.live(900);
    expect(bench.levels()[0]).toEqual([100, 'default']);
    bench.receive('program', program('b', 40));
    expect(bench.levels()[0]).toEqual([100, 'default']);
    bench.live(1800);
    expect(bench.levels()[0]).toEqual([40, 'calendar']);
    expect(bench.said('program-state').map(({ programHash }) => programHash)).toEqual(['a', 'x', 'x', 'b']);
  });

  it('cabinetOutage: its gateway is as dead as its lamps, and says so with its last power', () => {
    const bench = benchWith([['cabinetOutage']]);
    bench.live(900);
    expect([bench.device.canConnect, bench.physical()]).toEqual([false, [0, 0]]);
    expect(bench.said('event')).toMatchObject([{ event: 'supplyLoss', active: true }]);
    bench.live(1800);
    expect([bench.device.canConnect, bench.physical(), bench.returned]).toEqual([true, [100, 100], ['d']]);
    expect([...bench.readings().keys()]).toEqual([300, 600, 2700]);
  });

  it.each([['cabinetOutage', { gatewayIsElsewhere: true }] as const, ['circuitOutage', {}] as const])(
    '%s %j: a gateway that is fed from elsewhere goes on, without its lamps',
    (kind, parameters) => {
      const bench = benchWith([[kind, parameters]]);
      bench.live(900);
      expect([bench.device.canConnect, bench.physical()]).toEqual([true, [0, 0]]);
      bench.live(1800);
      expect([...bench.readings().keys()]).toEqual([300, 600, 2700]);
      expect(bench.said('event')).toEqual([]);
    },
  );

  it('circuitOutage: a controller of one lamp goes with it', () => {
    const bench = benchWith([['circuitOutage']], { lamps: 1, isItsOwnDevice: true });
    bench.live(900);
    expect(bench.device.canConnect).toBe(false);
  });

  it('of two outages the supply is back after both', () => {
    const bench = benchWith([['cabinetOutage'], ['circuitOutage'], ['supplyLoss']]);
    bench.live(900);
    // The gateway alone.
    bench.device.setDefects({}, bench.nowMs());
    expect(bench.physical()).toEqual([0, 0]);
    bench.live(1800);
    expect(bench.physical()).toEqual([100, 100]);
  });

  it('is done before a message from above is obeyed that comes after it', () => {
    const bench = benchWith([['lampFailure']], { lamps: 1 });
    bench.sleep(900);
    const expiresAt = new Date(START_MS + 9_000_000).toISOString();
    bench.receive('command', { v: 1, commandId: 'c', lamps: bench.addresses, lightLevelPercent: 50, expiresAt });
    expect([...bench.readings().values()].map(({ lightLevelPercent }) => lightLevelPercent)).toEqual([100, 100, 0]);
    expect([bench.levels(), bench.physical()]).toEqual([[[50, 'override']], [0]]);
  });

  it('cannot be one of nobody, or of another kind of thing', () => {
    expect(() => benchWith([['cabinetOutage']], { lamps: 0 })).toThrow('there is no cabinet CAB-001');
  });
});
