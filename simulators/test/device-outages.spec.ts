import { describe, expect, it } from '@jest/globals';
import { benchDevice, iso, programOf, START_MS, unixS } from './bench-device.js';

const dimmed = (lamps: readonly string[]) => [{ lamps, switchPoints: [[unixS(-60), 30, 0]] }];

describe('a device whose power is cut', () => {
  it('is dark and silent, and its register stands still', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.wait(300);
    bench.device.cutPower(bench.nowMs());
    const cutWh = bench.device.lampSnapshots()[bench.addresses[0] as string]?.state.energyWh;
    bench.wait(7200);
    expect([bench.physical(), bench.levels()]).toEqual([[0], [[0, 'default']]]);
    expect(bench.sent).toHaveLength(1);
    bench.device.restorePower(bench.nowMs());
    expect(bench.device.lampSnapshots()[bench.addresses[0] as string]?.state.energyWh).toBe(cutWh);
    bench.wait(300);
    const [before, after] = bench.sent as [(typeof bench.sent)[0], (typeof bench.sent)[0]];
    expect(bench.sent).toHaveLength(2);
    // Lit for the five minutes after it came back, and for none of the two hours.
    expect(after.trueEnergyWh - before.trueEnergyWh).toBeGreaterThan(0);
    const powerW = after.reading.activePowerW ?? Number.NaN;
    expect(after.trueEnergyWh - before.trueEnergyWh).toBeLessThan(powerW * (300 / 3600) * 1.2);
    expect(after.reading.switchOnCount).toBe((before.reading.switchOnCount ?? 0) + 1);
  });

  it('goes on with the stored program, also through a switch point it has missed, and says that it was reset', () => {
    const bench = benchDevice({ lamps: 1 });
    const switchPoints = [
      [unixS(-60), 30, 0],
      [unixS(500), 60, 0],
    ];
    bench.receive('program', programOf('h', [{ lamps: bench.addresses, switchPoints }]));
    bench.wait(100);
    bench.device.cutPower(bench.nowMs());
    bench.wait(900);
    bench.device.restorePower(bench.nowMs());
    expect([bench.levels(), bench.physical()]).toEqual([[[60, 'calendar']], [60]]);
    bench.connect();
    bench.connect();
    expect(bench.said('event')).toMatchObject([{ event: 'deviceReset', active: true }]);
    expect(bench.said('program-state').map(({ programHash }) => programHash)).toEqual(['h', 'h', 'h']);
  });

  it('is not upset by a second cut or a second return, and cannot connect without a network', () => {
    const { device, nowMs, wait, levels } = benchDevice({ lamps: 1 });
    device.restorePower(nowMs());
    device.cutPower(nowMs());
    device.cutPower(nowMs());
    device.loseContact();
    wait(60);
    device.restorePower(nowMs());
    device.restorePower(nowMs());
    expect([device.canConnect, levels()]).toEqual([false, [[100, 'default']]]);
    device.cutPower(nowMs());
    device.regainContact();
    expect(device.canConnect).toBe(false);
    device.restorePower(nowMs());
    expect(device.canConnect).toBe(true);
  });

  it('has run out of its program when that ended in the meantime', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('program', programOf('h', dimmed(bench.addresses), { untilS: 600 }));
    bench.device.cutPower(bench.nowMs());
    bench.wait(900);
    bench.device.restorePower(bench.nowMs());
    bench.wait(1);
    bench.connect();
    expect(bench.levels()).toEqual([[100, 'default']]);
    expect(bench.said('program-state').at(-1)?.['programHash']).toBeNull();
  });
});

describe('a device with a clock of its own', () => {
  it('switches, runs out and reports by it', () => {
    const bench = benchDevice({ lamps: 1, setting: { offsetMs: -120_000, driftPpm: 0 } });
    const switchPoints = [
      [unixS(-3600), 30, 0],
      [unixS(60), 60, 0],
    ];
    const validity = { fromS: -3600, untilS: 400 };
    bench.receive('program', programOf('h', [{ lamps: bench.addresses, switchPoints }], validity));
    bench.wait(179);
    expect(bench.levels()).toEqual([[30, 'calendar']]);
    bench.wait(1);
    expect(bench.levels()).toEqual([[60, 'calendar']]);
    bench.wait(339);
    expect(bench.levels()).toEqual([[60, 'calendar']]);
    bench.wait(1);
    expect(bench.levels()).toEqual([[100, 'default']]);
    expect(bench.sent[0]?.reading.time).toBe(iso(START_MS + 180_000));
    expect(bench.said('program-state').at(-1)).toEqual({ v: 1, time: iso(START_MS + 400_000), programHash: null });
  });

  it('drifts until it connects and is set right, and then drifts on', () => {
    const bench = benchDevice({ lamps: 1, setting: { offsetMs: 0, driftPpm: 1000 } });
    bench.wait(3000);
    const aheadMs = () => Date.parse(String(bench.said('status').at(-1)?.['time'])) - bench.nowMs();
    expect(bench.sent.at(-1)?.reading.time).toBe(iso(START_MS + 3_003_000));
    bench.connect();
    expect(aheadMs()).toBe(0);
    bench.wait(3000);
    expect(bench.sent.at(-1)?.reading.time).toBe(iso(START_MS + 6_003_000));
  });

  it('stays wrong at a connect when the device does not set it', () => {
    const bench = benchDevice({ lamps: 1, syncsClock: false, setting: { offsetMs: 5000, driftPpm: 0 } });
    bench.connect();
    expect(bench.said('status')[0]?.['time']).toBe(iso(START_MS + 5000));
  });

  it('does at once what holds by the new time when it is set, forth and back, and never goes dark by it', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('program', programOf('h', dimmed(bench.addresses), { untilS: 600 }));
    bench.device.setClock({ offsetMs: 600_000, driftPpm: 0 }, bench.nowMs());
    expect(bench.levels()).toEqual([[100, 'default']]);
    bench.device.setClock({ offsetMs: 0, driftPpm: 0 }, bench.nowMs());
    expect(bench.levels()).toEqual([[30, 'calendar']]);
    bench.device.setClock({ offsetMs: -3_600_000, driftPpm: 0 }, bench.nowMs());
    expect(bench.levels()).toEqual([[100, 'default']]);
    expect(bench.said('program-state').map(({ programHash }) => programHash)).toEqual(['h', null, 'h']);
    expect(() => bench.device.setClock({ offsetMs: Number.NaN, driftPpm: 0 }, bench.nowMs())).toThrow(RangeError);
  });
});
