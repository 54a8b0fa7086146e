import { describe, expect, it } from '@jest/globals';
import { benchDevice, commandOf, programOf, unixS } from './bench-device.js';

describe('a simulated device', () => {
  it('makes overdue reports before it obeys, so that no reading tells of what came after it', () => {
    const late = benchDevice();
    const punctual = benchDevice();
    punctual.wait(3600);
    late.sleep(3600);
    late.receive('command', commandOf('c', late.addresses, 20));
    expect(late.sent.map(({ reading }) => reading)).toEqual(punctual.sent.map(({ reading }) => reading));
    expect(late.sent).toHaveLength(2 * 12);
    late.wait(300);
    expect(late.sent.at(-1)?.reading.lightLevelPercent).toBe(20);
  });

  it('goes back to its own plan when a program runs out', () => {
    const { receive, wait, sent, addresses } = benchDevice({ lamps: 1 });
    receive('program', programOf('h', [{ lamps: addresses, switchPoints: [[unixS(-60), 30, 0]] }]));
    wait(3900);
    expect(sent.map(({ reading }) => reading.lightLevelPercent)).toEqual([...Array(11).fill(30), 100, 100]);
  });

  it.each(['', 'null', '[]', '{"v":1}', '{"v":2,"commandId":"c"}', '\u0000', '{"v":1,"lamps":[{}]}'])(
    'is not upset by %j from above',
    (payload) => {
      const { receive } = benchDevice();
      for (const channel of ['command', 'program', 'config']) expect(() => receive(channel, payload)).not.toThrow();
    },
  );

  it('makes no more readings once it is told to end', () => {
    const { device, wait, sent } = benchDevice();
    device.endReports();
    wait(1e6);
    expect([sent.length, device.generated]).toEqual([0, 0]);
  });
});
