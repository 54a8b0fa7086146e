import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '#libs/testing';
import { generateCity, type SimulatedLampType } from '../src/index.js';
import { storedPlan } from '../src/fleet/level-plan.js';
import { SimulatedDevice } from '../src/fleet/simulated-device.js';
import { LampController, type TrueReading } from '../src/fleet/simulated-lamp.js';

const city = generateCity({ seed: 1, lamps: 20 });
const [first] = city.lamps;
const startMs = Date.parse('2026-11-24T18:00:00Z');
const alwaysOn = storedPlan([{ atMs: 0, levelPercent: 100, fadeS: 0 }]);
const iso = (ms: number) => new Date(ms).toISOString();

/** A device that is never connected: what it would send stays in its link. */
function device(clock: FixedClock) {
  if (first === undefined) throw new Error('no lamp');
  const type = city.lampTypes.find(({ code }) => code === first.lampType) as SimulatedLampType;
  const lamp = new LampController({ ...first, omits: [] }, type, city.site, alwaysOn, startMs, undefined);
  const made = new SimulatedDevice({
    lamps: [lamp],
    reportingIntervalS: 300,
    firstReportMs: startMs + 300_000,
    defaultPlan: alwaysOn,
    clock,
    brokerUrl: 'mqtt://127.0.0.1:1',
    site: city.site.address,
    device: 'd',
    maxBufferedReadings: 1000,
    onAcknowledged: () => undefined,
  });
  const sent: TrueReading[] = [];
  made.link.send = (readings) => void sent.push(...readings);
  const receive = (channel: string, payload: unknown) => {
    const { onMessage } = (made.link as unknown as { options: { onMessage(channel: string, payload: Buffer): void } })
      .options;
    onMessage(channel, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)));
  };
  return { made, sent, receive, address: first.address };
}

describe('a simulated device', () => {
  it('makes overdue reports before it obeys, so that no reading tells of what came after it', () => {
    const clock = FixedClock.at(iso(startMs));
    const late = device(clock);
    const punctual = device(clock);
    punctual.made.reportUntil(startMs + 3_600_000);
    clock.advance(3_600_000);
    late.receive('command', {
      v: 1,
      commandId: 'c',
      lamps: [late.address],
      lightLevelPercent: 20,
      expiresAt: iso(startMs + 9e6),
    });
    expect(late.sent.map(({ reading }) => reading)).toEqual(punctual.sent.map(({ reading }) => reading));
    expect(late.sent).toHaveLength(12);
    late.made.reportUntil(startMs + 3_900_000);
    expect(late.sent.at(-1)?.reading.lightLevelPercent).toBe(20);
  });

  it('goes back to its own plan when a program runs out', () => {
    const clock = FixedClock.at(iso(startMs));
    const { made, sent, receive, address } = device(clock);
    receive('program', {
      v: 1,
      programHash: 'h',
      validFrom: iso(startMs - 1000),
      validUntil: iso(startMs + 3_600_000),
      programs: [{ lamps: [address], switchPoints: [[startMs / 1000 - 1, 30, 0]] }],
    });
    made.reportUntil(startMs + 3_900_000);
    expect(sent.map(({ reading }) => reading.lightLevelPercent)).toEqual([...Array(11).fill(30), 100, 100]);
  });

  it.each(['', 'null', '[]', '{"v":1}', '{"v":2,"commandId":"c"}', '\u0000', '{"v":1,"lamps":[{}]}'])(
    'is not upset by %j from above',
    (payload) => {
      const { receive } = device(FixedClock.at(iso(startMs)));
      for (const channel of ['command', 'program', 'config']) expect(() => receive(channel, payload)).not.toThrow();
    },
  );

  it('makes no more readings once it is told to end', () => {
    const { made, sent } = device(FixedClock.at(iso(startMs)));
    made.endReports();
    made.reportUntil(startMs + 1e9);
    expect([sent.length, made.generated]).toEqual([0, 0]);
  });
});
