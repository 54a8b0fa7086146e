import { describe, expect, it } from '@jest/globals';
import { benchDevice, iso, MINUTE_MS, START_MS } from './bench-device.js';

describe('a simulated device', () => {
  it('makes overdue reports before it obeys, so that no reading tells of what came after it', () => {
    const late = benchDevice();
    const punctual = benchDevice();
    punctual.device.actUntil(START_MS + 3_600_000);
    // Time passes unattended: a busy machine.
    const { device } = late;
    const actUntil = device.actUntil.bind(device);
    device.actUntil = () => undefined;
    late.pass(3_600_000);
    device.actUntil = actUntil;
    late.command({ expiresAt: iso(START_MS + 9e6) });
    expect(late.sent.map(({ reading }) => reading)).toEqual(punctual.sent.map(({ reading }) => reading));
    expect(late.sent).toHaveLength(12);
    device.actUntil(START_MS + 3_900_000);
    expect(late.sent.at(-1)?.reading.lightLevelPercent).toBe(20);
  });

  it.each(['', 'null', '[]', '{"v":1}', '{"v":2,"commandId":"c"}', '\u0000', '{"v":1,"lamps":[{}]}'])(
    'is not upset by %j from above',
    (payload) => {
      const { receive } = benchDevice();
      for (const channel of ['command', 'program', 'config']) expect(() => receive(channel, payload)).not.toThrow();
    },
  );

  it('makes no more readings once it is told to end', () => {
    const { device, sent } = benchDevice();
    device.endReports();
    device.actUntil(START_MS + 1e9);
    expect([sent.length, device.generated]).toEqual([0, 0]);
  });

  it('says what it is when it connects: retained status and program state', () => {
    const { connect, said } = benchDevice();
    connect();
    expect(said).toMatchObject([
      { channel: 'status', retain: true, payload: { online: true, storesProgram: true, reportingIntervalS: 300 } },
      { channel: 'program-state', retain: true, payload: { programHash: null, time: iso(START_MS) } },
    ]);
  });

  it('that stores no program says so, passes program messages over and does what commands say', () => {
    const bench = benchDevice({ storesProgram: false });
    bench.connect();
    bench.program();
    expect(bench.said).toMatchObject([{ channel: 'status', payload: { storesProgram: false } }]);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 100, reason: 'default' });
    bench.command({ expiresAt: iso(START_MS + 5 * MINUTE_MS) });
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 20, reason: 'override' });
    bench.pass(5 * MINUTE_MS);
    expect(bench.level()).toMatchObject({ levelInEffectPercent: 100, reason: 'default' });
  });
});
