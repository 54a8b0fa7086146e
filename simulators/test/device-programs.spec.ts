import { describe, expect, it } from '@jest/globals';
import { alwaysOn, benchDevice, commandOf, iso, programOf, START_MS, unixS } from './bench-device.js';

const dimmed = (lamps: readonly string[], level = 30) => [{ lamps, switchPoints: [[unixS(-60), level, 0]] }];
const hashes = ({ said }: ReturnType<typeof benchDevice>) =>
  said('program-state').map(({ programHash }) => programHash);

describe('a device that stores programs', () => {
  it('runs one by its switch points and reports its hash, retained', () => {
    const bench = benchDevice();
    const [one, other] = bench.addresses as [string, string];
    const at = (s: number, level: number) => [unixS(s), level, 0];
    bench.receive(
      'program',
      programOf('h', [
        { lamps: [one], switchPoints: [at(-60, 80), at(600, 40)] },
        { lamps: [other], switchPoints: [at(-60, 10)] },
      ]),
    );
    expect(bench.everythingSaid).toEqual([
      { channel: 'program-state', payload: { v: 1, time: iso(START_MS), programHash: 'h' }, retain: true },
    ]);
    const expected = [80, 80, 40, 40];
    for (const level of expected) {
      expect(bench.levels()).toEqual([
        [level, 'calendar'],
        [10, 'calendar'],
      ]);
      bench.wait(300);
    }
    const readings = bench.sent.map(({ reading }) => reading).filter(({ lamp }) => lamp === one);
    expect(readings.map(({ levelInEffectPercent }) => levelInEffectPercent)).toEqual([80, 40, 40, 40]);
    expect(new Set(readings.map(({ levelReason }) => levelReason))).toEqual(new Set(['calendar']));
  });

  it('fades as the switch point says, while the level in effect is the one it goes to', () => {
    const bench = benchDevice({ lamps: 1 });
    const switchPoints = [
      [unixS(-60), 100, 0],
      [unixS(60), 50, 100],
    ];
    bench.receive('program', programOf('h', [{ lamps: bench.addresses, switchPoints }]));
    bench.wait(110);
    expect([bench.levels(), bench.physical()]).toEqual([[[50, 'calendar']], [75]]);
    bench.wait(60);
    expect(bench.physical()).toEqual([50]);
  });

  it('runs the on-board default with the lamps that stand in none of the entries', () => {
    const bench = benchDevice();
    bench.receive('program', programOf('h', dimmed(bench.addresses.slice(0, 1))));
    expect(bench.levels()).toEqual([
      [30, 'calendar'],
      [100, 'default'],
    ]);
  });

  it('goes on with what ran before until a program is valid, of which it reports the hash at once', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('program', programOf('old', dimmed(bench.addresses)));
    const switchPoints = [[unixS(600), 70, 0]];
    bench.receive('program', programOf('new', [{ lamps: bench.addresses, switchPoints }], { fromS: 600 }));
    expect([hashes(bench), bench.levels()]).toEqual([['old', 'new'], [[30, 'calendar']]]);
    bench.wait(599);
    expect(bench.levels()).toEqual([[30, 'calendar']]);
    bench.wait(1);
    expect(bench.levels()).toEqual([[70, 'calendar']]);
  });

  it('runs its default from the end of validity on, and says that it has no program any more', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('program', programOf('h', dimmed(bench.addresses), { untilS: 600 }));
    bench.wait(599);
    expect(bench.levels()).toEqual([[30, 'calendar']]);
    bench.wait(1);
    expect([hashes(bench), bench.levels()]).toEqual([['h', null], [[100, 'default']]]);
    expect(bench.said('program-state').at(-1)?.['time']).toBe(iso(START_MS + 600_000));
    bench.wait(100_000);
    expect(hashes(bench)).toHaveLength(2);
  });

  it('takes an empty program for no program, whose hash it reports', () => {
    const bench = benchDevice();
    bench.receive('program', programOf('h', dimmed(bench.addresses)));
    bench.receive('program', programOf('none', []));
    expect([hashes(bench), bench.levels()[0]]).toEqual([
      ['h', 'none'],
      [100, 'default'],
    ]);
  });

  it('is not moved by the same program again, but reports it', () => {
    const bench = benchDevice({ lamps: 1 });
    const switchPoints = [
      [unixS(-60), 100, 0],
      [unixS(0), 50, 100],
    ];
    const program = programOf('h', [{ lamps: bench.addresses, switchPoints }]);
    bench.receive('program', program);
    bench.wait(50);
    const before = bench.physical();
    bench.receive('program', program);
    expect([hashes(bench), bench.physical()]).toEqual([['h', 'h'], before]);
  });

  it('goes on with its fade when another program wants the level it is on the way to', () => {
    const bench = benchDevice({ lamps: 1 });
    const switchPoints = [
      [unixS(-60), 100, 0],
      [unixS(10), 50, 100],
    ];
    const programs = [{ lamps: bench.addresses, switchPoints }];
    bench.receive('program', programOf('h', programs));
    bench.wait(60);
    bench.receive('program', programOf('i', programs));
    expect([hashes(bench), bench.levels(), bench.physical()]).toEqual([['h', 'i'], [[50, 'calendar']], [75]]);
  });

  it('passes over a cleared message', () => {
    const bench = benchDevice({ lamps: 1 });
    bench.receive('program', programOf('h', dimmed(bench.addresses)));
    bench.receive('program', '');
    expect([hashes(bench), bench.levels(), bench.said('event')]).toEqual([['h'], [[30, 'calendar']], []]);
  });

  it('refuses what it cannot run, says why, goes on, and says when all is well again', () => {
    const bench = benchDevice({ lamps: 1 });
    const good = programOf('h', dimmed(bench.addresses));
    bench.receive('program', good);
    const unordered = [
      [unixS(0), 1, 0],
      [unixS(-60), 2, 0],
    ];
    const bad: [unknown, RegExp][] = [
      ['not json', /./],
      [{ ...good, programHash: '' }, /programHash/],
      [programOf('x', dimmed(['stranger'])), /stranger is not a lamp of this device/],
      [programOf('x', [...dimmed(bench.addresses), ...dimmed(bench.addresses)]), /twice/],
      [programOf('x', [{ lamps: bench.addresses, switchPoints: unordered }]), /order/],
      [programOf('x', dimmed(bench.addresses), { untilS: -60 }), /never/],
    ];
    for (const [message, why] of bad) {
      bench.receive('program', message);
      const event = bench.said('event').at(-1);
      expect(event).toMatchObject({ event: 'invalidProgram', active: true, time: iso(START_MS) });
      expect(event?.['info']).toMatch(why);
    }
    expect([hashes(bench), bench.levels()]).toEqual([['h'], [[30, 'calendar']]]);
    bench.receive('program', good);
    bench.receive('program', good);
    const events = bench.said('event').map(({ active }) => active);
    expect(events).toEqual([...bad.map(() => true), false]);
  });

  it('says on every connect what it runs, and how it is', () => {
    const bench = benchDevice();
    bench.connect();
    bench.receive('program', programOf('h', dimmed(bench.addresses)));
    bench.connect();
    expect(hashes(bench)).toEqual([null, 'h', 'h']);
    expect(bench.said('status')[0]).toMatchObject({ online: true, storesProgram: true, reportingIntervalS: 300 });
  });

  it('goes on from a snapshot with what it had stored, upcoming and refused included', () => {
    const before = benchDevice({ lamps: 1 });
    before.receive('program', programOf('old', dimmed(before.addresses)));
    const switchPoints = [[unixS(600), 70, 0]];
    before.receive('program', programOf('new', [{ lamps: before.addresses, switchPoints }], { fromS: 600 }));
    before.receive('program', '{}');
    before.wait(300);
    const kept = JSON.parse(JSON.stringify(before.device.programSnapshot())) as object;
    const resume = before.device.lampSnapshots();
    const after = benchDevice({ lamps: 1, kept, resume, startMs: START_MS + 400_000 });
    after.connect();
    expect([hashes(after), after.levels()]).toEqual([['new'], [[30, 'calendar']]]);
    after.wait(200);
    expect(after.levels()).toEqual([[70, 'calendar']]);
    after.receive('program', programOf('good', dimmed(before.addresses)));
    expect(after.said('event')).toMatchObject([{ event: 'invalidProgram', active: false }]);
  });

  it('passes over a kept program that it can no longer run', () => {
    const current = programOf('h', dimmed(['stranger']));
    const bench = benchDevice({ lamps: 1, kept: { current } as never });
    expect(bench.levels()).toEqual([[100, 'default']]);
  });
});

describe('a device that stores no program', () => {
  it('says so, passes over programs, does what commands say, and falls back to its default', () => {
    const bench = benchDevice({ lamps: 1, storesProgram: false, defaultPlan: alwaysOn });
    bench.connect();
    bench.receive('program', programOf('h', dimmed(bench.addresses)));
    bench.receive('program', 'not json');
    expect([bench.said('program-state'), bench.said('event'), bench.levels()]).toEqual([[], [], [[100, 'default']]]);
    expect(bench.said('status')).toMatchObject([{ storesProgram: false }]);
    bench.receive('command', commandOf('c', bench.addresses, 40, { untilS: 600 }));
    expect(bench.levels()).toEqual([[40, 'override']]);
    bench.wait(600);
    expect(bench.levels()).toEqual([[100, 'default']]);
  });
});
