import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { scaledClock } from '#libs/kernel';
import { statusSchema, telemetrySchema } from '#libs/protocol';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { generateCity, injectionsOf, startFleet, type FaultInjection, type Fleet } from '../src/index.js';

/** A winter's night. */
const START_MS = Date.parse('2026-11-24T18:00:00Z');
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** An hour in four seconds. */
const SPEED = 900;
const city = generateCity({ seed: 7, lamps: 120 });

describe('a fleet in which things go wrong', () => {
  let broker: TestBroker;
  let listener: MqttClient;
  let fleet: Fleet | undefined;
  /** True times of the readings by lamp, as the clocks are right. */
  let times: Map<string, number[]>;
  let events: Map<string, string[]>;
  let online: Map<string, boolean>;

  beforeAll(async () => {
    broker = await testBroker(BROKERS[0] as (typeof BROKERS)[number]);
  });

  afterAll(() => broker.stop());

  beforeEach(async () => {
    [times, events, online] = [new Map(), new Map(), new Map()];
    listener = mqtt.connect(broker.url, { protocolVersion: 4 });
    listener.on('message', (topic, payload) => {
      const message: unknown = JSON.parse(payload.toString());
      if (topic.endsWith('/status')) {
        online.set(topic.split('/').at(-2) ?? '', statusSchema.parse(message).online);
        return;
      }
      for (const { lamp, time, events: own = [] } of telemetrySchema.parse(message).readings) {
        times.set(lamp, [...(times.get(lamp) ?? []), Date.parse(time)]);
        if (own.length > 0) events.set(lamp, [...(events.get(lamp) ?? []), ...own]);
      }
    });
    await listener.subscribeAsync(['felinar/v1/+/+/telemetry', 'felinar/v1/+/+/status'], { qos: 1 });
  });

  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    await listener.endAsync(true);
  });

  const start = async (faults: readonly FaultInjection[]) => {
    const clock = scaledClock(START_MS, SPEED);
    const running = (fleet = await startFleet({ city, brokerUrl: broker.url, clock, faults }));
    return { running, until: (ms: number) => waitFor('its hour', () => clock.nowMs() >= ms, 60_000) };
  };
  const heardBetween = (lamp: string, fromMs: number, toMs: number) =>
    (times.get(lamp) ?? []).some((ms) => ms > fromMs && ms <= toMs);
  const silentBetween = (fromMs: number, toMs: number) =>
    city.lamps.map(({ address }) => address).filter((lamp) => !heardBetween(lamp, fromMs, toMs));

  it('lost-cabinet: its lamps are silent and dark, the others are not', async () => {
    const faults = injectionsOf('lost-cabinet', city, START_MS, 1);
    const { running, until } = await start(faults);
    const cabinet = faults[0]?.target.address;
    const lost = city.lamps.filter((lamp) => lamp.cabinet === cabinet).map(({ address }) => address);
    await until(START_MS + 2 * HOUR_MS);
    const dark = running.levels().filter(({ physicalPercent }) => physicalPercent === 0);
    expect(dark.map(({ lamp }) => lamp).toSorted()).toEqual(lost.toSorted());
    expect(running.groundTruth()).toEqual([
      {
        kind: 'cabinetOutage',
        subject: { kind: 'cabinet', address: cabinet },
        fromMs: START_MS + HOUR_MS,
        toMs: undefined,
        lamps: lost,
        injected: 'cabinetOutage',
      },
    ]);
    const devices = new Set(city.lamps.filter((lamp) => lamp.cabinet === cabinet).map(({ device }) => device));
    await waitFor('the last wills', () => [...devices].every((device) => online.get(device) === false));
    await until(START_MS + 4 * HOUR_MS + 30 * MINUTE_MS);
    expect(running.groundTruth()[0]?.toMs).toBe(START_MS + 4 * HOUR_MS);
    expect(await running.drain(20_000)).toBe(true);
    expect(silentBetween(START_MS + HOUR_MS, START_MS + 4 * HOUR_MS)).toEqual(lost);
    expect(silentBetween(START_MS + 4 * HOUR_MS, START_MS + 4 * HOUR_MS + 20 * MINUTE_MS)).toEqual([]);
  }, 90_000);

  it('gateway-loss: nobody hears its lamps, which burn on; what it has kept comes when it is back', async () => {
    const faults = injectionsOf('gateway-loss', city, START_MS, 1);
    const gateway = faults[0]?.target.address ?? '';
    const { running, until } = await start(faults);
    await until(START_MS + 3 * HOUR_MS);
    const served = city.lamps.filter(({ device }) => device === gateway).map(({ address }) => address);
    expect(silentBetween(START_MS + HOUR_MS + 10 * MINUTE_MS, START_MS + 2 * HOUR_MS)).toEqual(served);
    expect(online.get(gateway)).toBe(false);
    expect(running.levels().every(({ physicalPercent }) => physicalPercent > 0)).toBe(true);
    expect(running.groundTruth()).toMatchObject([
      { kind: 'communicationFailure', subject: { kind: 'device', address: gateway }, lamps: served },
    ]);
    await until(START_MS + 5 * HOUR_MS + 10 * MINUTE_MS);
    await waitFor('the gateway', () => online.get(gateway) === true, 20_000);
    expect(await running.drain(20_000)).toBe(true);
    expect(silentBetween(START_MS + HOUR_MS + 10 * MINUTE_MS, START_MS + 2 * HOUR_MS)).toEqual([]);
  }, 90_000);

  it('the last gasp of a lamp reaches the broker, also from a controller that dies with it', async () => {
    const targets = [
      city.lamps.find(({ device, address }) => device === address),
      city.lamps.find(({ device, address }) => device !== address),
    ].map((lamp) => lamp?.address ?? '');
    const fromMs = START_MS + HOUR_MS;
    const faults = targets.map((address): FaultInjection => {
      return { kind: 'supplyLoss', target: { kind: 'lamp', address }, fromMs, toMs: undefined };
    });
    const { running, until } = await start(faults);
    await until(START_MS + 2 * HOUR_MS);
    expect(await running.drain(20_000)).toBe(true);
    await waitFor('both', () => events.size === 2);
    expect([...events].toSorted()).toEqual(targets.map((lamp) => [lamp, ['supplyLoss']]).toSorted());
    expect(silentBetween(fromMs + 1, START_MS + 2 * HOUR_MS)).toEqual(targets.toSorted());
    // To the millisecond, at fifteen minutes a second.
    for (const lamp of targets) expect(Math.max(...(times.get(lamp) ?? []))).toBe(fromMs + 1);
  }, 60_000);

  it('lets somebody break and mend a lamp, and tells a witness of every reading', async () => {
    const clock = scaledClock(START_MS, SPEED);
    const [made, acknowledged] = [new Set<object>(), new Set<object>()];
    const witness = {
      made: (readings: readonly object[]) => readings.forEach((reading) => made.add(reading)),
      acknowledged: (readings: readonly object[]) => readings.forEach((reading) => acknowledged.add(reading)),
    };
    const running = (fleet = await startFleet({ city, brokerUrl: broker.url, clock, witness }));
    const address = city.lamps[0]?.address ?? '';
    const physical = () => running.levels().find(({ lamp }) => lamp === address)?.physicalPercent;
    expect(physical()).toBeGreaterThan(0);
    const fault = running.inject({ kind: 'lampFailure', target: { kind: 'lamp', address } });
    expect(physical()).toBe(0);
    expect(running.groundTruth()).toMatchObject([{ kind: 'lampFailure', lamps: [address], toMs: undefined }]);
    await waitFor('some readings', () => acknowledged.size > 200, 20_000);
    fault.mend();
    fault.mend();
    await waitFor('the lamp to be lit', () => (physical() ?? 0) > 0);
    const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = running.groundTruth();
    expect(toMs).toBeGreaterThan(fromMs);
    expect(await running.drain(20_000)).toBe(true);
    expect(made.size).toBe(running.counts().generated);
    expect(acknowledged).toEqual(made);
    expect(() => running.inject({ kind: 'lampFailure', target: { kind: 'lamp', address: 'NOBODY' } })).toThrow(
      RangeError,
    );
  });
});
