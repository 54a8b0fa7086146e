import { describe, expect, it } from '@jest/globals';
import { benchDevice, iso, MINUTE_MS, START_MS } from './bench-device.js';

describe('a command', () => {
  it('holds until it expires, whatever the program says, and then gives way to it', () => {
    const bench = benchDevice();
    bench.program();
    bench.command({ expiresAt: iso(START_MS + 20 * MINUTE_MS) });
    expect(bench.saidOn('ack')).toEqual([{ v: 1, commandId: 'c', result: 'executed', time: iso(START_MS) }]);
    bench.pass(20 * MINUTE_MS - 1);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 20, reason: 'override' });
    bench.pass(1);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 70, reason: 'calendar' });
  });

  it('without a level releases the override, with its fade', () => {
    const bench = benchDevice();
    bench.command();
    bench.command({ commandId: 'r', lightLevelPercent: null, fadeS: 60 });
    bench.pass(0.5 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 100, reason: 'default', physicalPercent: 60 });
  });

  it('repeated is answered again, starts no fade anew and undoes no later one', () => {
    const bench = benchDevice();
    bench.command({ fadeS: 80 });
    bench.pass(40_000);
    bench.command({ fadeS: 80 });
    expect(bench.level().physicalPercent).toBe(60);
    bench.command({ commandId: 'later', lightLevelPercent: 50 });
    bench.command({ fadeS: 80 });
    expect(bench.level().levelInEffectPercent).toBe(50);
    expect(bench.saidOn('ack').map(({ result }) => result)).toEqual(['executed', 'executed', 'executed', 'executed']);
  });

  it('that is another one has its own fade, though the level is the same', () => {
    const bench = benchDevice();
    bench.command({ fadeS: 80 });
    bench.pass(40_000);
    bench.command({ commandId: 'faster', fadeS: 0 });
    expect(bench.level().physicalPercent).toBe(20);
  });

  it('is refused whole when one of its lamps is not the device’s, and not executed when it has expired', () => {
    const bench = benchDevice();
    bench.command({ lamps: [...bench.addresses, 'X-1'] });
    bench.command({ commandId: 'old', expiresAt: iso(START_MS) });
    bench.command({ commandId: 'never', expiresAt: '2026-02-31T00:00:00Z' });
    const [refused, expired, never] = bench.saidOn('ack');
    expect(refused).toMatchObject({ result: 'refused', reason: expect.stringContaining('X-1') });
    expect(expired).toMatchObject({ commandId: 'old', result: 'expired' });
    expect(never?.['result']).not.toBe('executed');
    expect(bench.level().reason).toBe('default');
  });

  it('is confirmed by a reading of its lamps a second after the fade, also of those that had the level before', () => {
    const bench = benchDevice({ lamps: 3 });
    const [first = '', second = ''] = bench.addresses;
    bench.command({ commandId: 'a', lamps: [second], lightLevelPercent: 20 });
    bench.pass(1000);
    bench.sent.length = 0;
    bench.command({ commandId: 'b', lamps: [first, second], lightLevelPercent: 20, fadeS: 30 });
    bench.pass(30_999);
    expect(bench.sent).toEqual([]);
    bench.pass(1);
    expect(bench.sent.map(({ reading }) => reading)).toMatchObject([
      { lamp: first, time: iso(START_MS + 32_000), lightLevelPercent: 20, levelInEffectPercent: 20 },
      { lamp: second, time: iso(START_MS + 32_000), lightLevelPercent: 20, levelInEffectPercent: 20 },
    ]);
    bench.pass(MINUTE_MS);
    expect(bench.sent).toHaveLength(2);
  });

  it('is not confirmed by a second reading of one instant', () => {
    const bench = benchDevice();
    bench.pass(5 * MINUTE_MS - 1000);
    bench.command();
    bench.pass(1000);
    expect(bench.sent.map(({ timeMs }) => timeMs)).toEqual([START_MS + 5 * MINUTE_MS]);
  });

  it('tells its device’s scheduler that there is something to do earlier', () => {
    const bench = benchDevice();
    expect(bench.device.nextActionMs).toBe(START_MS + 5 * MINUTE_MS);
    bench.command();
    expect(bench.device.nextActionMs).toBe(START_MS + 1000);
  });
});
