import { describe, expect, it } from '@jest/globals';
import { benchDevice, commandOf, iso, programOf, START_MS, unixS } from './bench-device.js';

const acks = ({ said }: ReturnType<typeof benchDevice>) =>
  said('ack').map(({ commandId, result }) => [commandId, result]);

describe('a device under command', () => {
  it('overrides its plan until the command expires', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('program', programOf('h', [{ lamps: bench.addresses, switchPoints: [[unixS(-60), 30, 0]] }]));
    bench.receive('command', commandOf('c', bench.addresses, 80, { untilS: 600 }));
    bench.wait(599);
    expect(bench.levels()).toEqual([[80, 'override']]);
    bench.wait(1);
    expect(bench.levels()).toEqual([[30, 'calendar']]);
  });

  it('goes back to what the plan has come to in the meantime when it is released', () => {
    const bench = benchDevice({ lamps: 1 });
    const switchPoints = [
      [unixS(-60), 30, 0],
      [unixS(300), 60, 0],
    ];
    bench.receive('program', programOf('h', [{ lamps: bench.addresses, switchPoints }]));
    bench.receive('command', commandOf('c', bench.addresses, 80));
    bench.wait(400);
    expect(bench.levels()).toEqual([[80, 'override']]);
    bench.receive('command', commandOf('r', bench.addresses, null, { fadeS: 10 }));
    bench.wait(5);
    expect([bench.levels(), bench.physical()]).toEqual([[[60, 'calendar']], [70]]);
  });

  it('answers a repeated command again without starting its fade again or undoing a later one', () => {
    const bench = benchDevice({ lamps: 1 });
    const command = commandOf('c', bench.addresses, 50, { fadeS: 100 });
    bench.receive('command', command);
    bench.wait(50);
    bench.receive('command', command);
    bench.wait(50);
    expect(bench.physical()).toEqual([50]);
    bench.receive('command', commandOf('d', bench.addresses, 90));
    bench.receive('command', command);
    expect(bench.levels()).toEqual([[90, 'override']]);
    expect(acks(bench)).toEqual(['c', 'c', 'd', 'c'].map((id) => [id, 'executed']));
  });

  it('tells a witness of each command that it carries out, once', () => {
    const bench = benchDevice({ lamps: 2, setting: { offsetMs: 5_000, driftPpm: 0 } });
    const command = commandOf('c', bench.addresses, 50, { untilS: 600 });
    for (const each of [command, command, commandOf('late', bench.addresses, 50, { untilS: 4 })]) {
      bench.receive('command', each);
    }
    const atMs = bench.nowMs();
    expect(bench.executed).toEqual([
      { device: 'd', commandId: 'c', atMs, deviceMs: atMs + 5_000, expiresAtMs: START_MS + 600_000 },
    ]);
  });

  it('gives a new command for the same level its own fade', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('command', commandOf('slow', bench.addresses, 50, { fadeS: 1000 }));
    bench.wait(10);
    bench.receive('command', commandOf('fast', bench.addresses, 50));
    expect(bench.physical()).toEqual([50]);
  });

  it('refuses a command whole when one of the lamps is not its own, and calls a late one expired', () => {
    const bench = benchDevice();
    bench.receive('command', commandOf('foreign', [...bench.addresses, 'stranger'], 20));
    bench.receive('command', commandOf('late', bench.addresses, 20, { untilS: 0 }));
    expect(acks(bench)).toEqual([
      ['foreign', 'refused'],
      ['late', 'expired'],
    ]);
    expect(bench.said('ack')[0]?.['reason']).toContain('stranger');
    expect(bench.levels()[0]).toEqual([100, 'default']);
  });

  it('reports all lamps of a command once more when the fade has ended, whether it moved them or not', () => {
    const bench = benchDevice({ lamps: 3 });
    const [one, other] = bench.addresses as [string, string];
    bench.receive('command', commandOf('c', [one], 50));
    bench.wait(1);
    bench.receive('command', commandOf('d', [one, other, one], 50, { fadeS: 20 }));
    bench.wait(200);
    const told = bench.sent.map(({ reading, timeMs }) => [reading.lamp, (timeMs - START_MS) / 1000]);
    expect(told).toEqual([
      [one, 1],
      [one, 22],
      [other, 22],
    ]);
    for (const { reading } of bench.sent)
      expect(reading).toMatchObject({ lightLevelPercent: 50, levelInEffectPercent: 50, levelReason: 'override' });
  });

  it('makes one reading of a lamp for an instant at which several are due', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.wait(289);
    bench.receive('command', commandOf('c', bench.addresses, 50, { fadeS: 10 }));
    bench.wait(100);
    expect(bench.sent.map(({ timeMs }) => timeMs)).toEqual([START_MS + 300_000]);
  });

  it('keeps an override over loss of contact, by its own clock, and loses it with its power', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('command', commandOf('c', bench.addresses, 20));
    bench.device.loseContact();
    bench.wait(100);
    expect(bench.levels()).toEqual([[20, 'override']]);
    bench.device.regainContact();
    bench.connect();
    expect(bench.levels()).toEqual([[20, 'override']]);
    bench.device.cutPower(bench.nowMs());
    bench.device.restorePower(bench.nowMs());
    expect(bench.levels()).toEqual([[100, 'default']]);
    // It knows nothing of it any more, so that it is carried out when it comes again.
    bench.receive('command', commandOf('c', bench.addresses, 20));
    expect(bench.levels()).toEqual([[20, 'override']]);
  });

  it('has forgotten with its power that it was to report a command', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('command', commandOf('c', bench.addresses, 20, { fadeS: 100 }));
    bench.device.cutPower(bench.nowMs());
    bench.wait(10);
    bench.device.restorePower(bench.nowMs());
    bench.wait(200);
    expect(bench.sent).toEqual([]);
  });

  it('judges and tells by its own clock', () => {
    const bench = benchDevice({ lamps: 1, setting: { offsetMs: 60_000, driftPpm: 0 } });
    bench.receive('command', commandOf('late', bench.addresses, 20, { untilS: 60 }));
    bench.receive('command', commandOf('c', bench.addresses, 20, { untilS: 100 }));
    expect(acks(bench)).toEqual([
      ['late', 'expired'],
      ['c', 'executed'],
    ]);
    expect(bench.said('ack')[1]?.['time']).toBe(iso(START_MS + 60_000));
    bench.wait(39);
    expect(bench.levels()).toEqual([[20, 'override']]);
    bench.wait(1);
    expect(bench.levels()).toEqual([[100, 'default']]);
  });
});
