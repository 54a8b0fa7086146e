import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scaledClock } from '#libs/kernel';
import { ackSchema, statusSchema, telemetrySchema, topicOf, type Reading } from '#libs/protocol';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { generateCity, startFleet, type Fleet } from '../src/index.js';

const city = generateCity({ seed: 7, lamps: 120 });
const gateway = city.lamps.find(({ device, address }) => device !== address)?.device ?? '';

describe.each(BROKERS)('a fleet on %s', (kind) => {
  let broker: TestBroker;
  let listener: MqttClient;
  let fleet: Fleet | undefined;
  let received: { topic: string; payload: string }[];

  beforeEach(async () => {
    broker = await testBroker(kind);
    received = [];
    listener = mqtt.connect(broker.url, { protocolVersion: 4, reconnectPeriod: 50 });
    listener.on('message', (topic, payload) => received.push({ topic, payload: payload.toString() }));
    await listener.subscribeAsync('felinar/#', { qos: 1 });
  });

  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    await listener.endAsync(true);
    await broker.stop();
  });

  // Night in Botoșani, a simulated minute every 100 ms.
  const start = (speed = 600) =>
    startFleet({ city, brokerUrl: broker.url, clock: scaledClock(Date.parse('2026-11-24T18:00:00Z'), speed) });
  const on = (channel: string) => received.filter(({ topic }) => topic.endsWith(`/${channel}`));
  const readings = () => {
    const all = new Map<string, Reading[]>();
    for (const { payload } of on('telemetry')) {
      for (const reading of telemetrySchema.parse(JSON.parse(payload)).readings) {
        const key = `${reading.lamp} ${reading.time}`;
        all.set(key, [...(all.get(key) ?? []), reading]);
      }
    }
    return all;
  };

  it('speaks the contract, and every reading it made arrives', async () => {
    fleet = await start();
    const running = fleet;
    await waitFor('a thousand readings', () => running.counts().acknowledged > 1000);
    expect(await running.drain(10_000)).toBe(true);
    const { generated, acknowledged, devices, connected } = running.counts();
    expect([connected, acknowledged]).toEqual([devices, generated]);
    await waitFor('the last', () => readings().size === generated);
    for (const { payload } of on('status')) expect(statusSchema.safeParse(JSON.parse(payload)).success).toBe(true);
    expect(new Set(on('status').map(({ topic }) => topic)).size).toBe(devices);
  });

  it('loses and changes no reading when the broker dies in between, and its registers never go back', async () => {
    fleet = await start(300);
    const running = fleet;
    for (const wanted of [200, 600]) {
      await waitFor(`${wanted} readings`, () => running.counts().acknowledged > wanted, 25_000);
      await broker.killAndRestart();
      await waitFor('the listener to be back', () => listener.connected, 20_000);
      await listener.subscribeAsync('felinar/#', { qos: 1 });
    }
    await waitFor('more readings', () => running.counts().acknowledged > 1200, 25_000);
    expect(await running.drain(25_000)).toBe(true);
    const { generated, acknowledged, dropped } = running.counts();
    expect([acknowledged, dropped]).toEqual([generated, 0]);
    for (const copies of readings().values()) for (const copy of copies) expect(copy).toEqual(copies[0]);
    const byLamp = Map.groupBy(
      [...readings().values()].map(([reading]) => reading as Reading),
      ({ lamp }) => lamp,
    );
    for (const own of byLamp.values()) {
      const sorted = own.toSorted((a, b) => a.time.localeCompare(b.time));
      for (const [index, reading] of sorted.slice(1).entries()) {
        expect(reading.activeEnergyWh).toBeGreaterThanOrEqual(sorted[index]?.activeEnergyWh ?? 0);
      }
    }
  }, 90_000);

  it('obeys a command and says so, and refuses one for lamps that are not its own', async () => {
    fleet = await start(60);
    const running = fleet;
    await waitFor('everybody connected', () => running.counts().connected === running.counts().devices);
    const own = city.lamps.filter(({ device }) => device === gateway).map(({ address }) => address);
    const stranger = city.lamps.find(({ device }) => device !== gateway)?.address;
    const command = (commandId: string, lamps: unknown, expiresAt: string) =>
      listener.publishAsync(
        topicOf(city.site.address, gateway, 'command'),
        JSON.stringify({ v: 1, commandId, lamps, lightLevelPercent: 20, expiresAt }),
        { qos: 1 },
      );
    await waitFor('the subscription', async () => {
      await command('a', own, '2026-11-25T12:00:00Z');
      return on('ack').length > 0;
    });
    await command('b', [stranger], '2026-11-25T12:00:00Z');
    await command('c', own, '2026-11-24T12:00:00Z');
    await listener.publishAsync(topicOf(city.site.address, gateway, 'command'), 'not json', { qos: 1 });
    const results = () =>
      new Map(
        on('ack')
          .map(({ payload }) => ackSchema.parse(JSON.parse(payload)))
          .map(({ commandId, result }) => [commandId, result]),
      );
    await waitFor('three answers', () => results().size === 3);
    expect(Object.fromEntries(results())).toEqual({ a: 'executed', b: 'refused', c: 'expired' });
    await waitFor('a reading at that level', () =>
      [...readings().values()].some(
        ([reading]) => own.includes(reading?.lamp ?? '') && reading?.lightLevelPercent === 20,
      ),
    );
  });

  it('goes on from a snapshot with the same registers', async () => {
    fleet = await start();
    const running = fleet;
    await waitFor('some readings', () => running.counts().acknowledged > 300);
    await running.stop();
    const snapshot = running.snapshot();
    const again = await startFleet({
      city,
      brokerUrl: broker.url,
      clock: scaledClock(Date.parse('2026-11-25T04:00:00Z'), 600),
      resume: structuredClone(snapshot),
    });
    fleet = again;
    await waitFor('readings of the second run', () => again.counts().acknowledged > 200);
    for (const { lamp, first } of again.truth()) {
      const before = snapshot.lamps[lamp]?.state.energyWh ?? Number.NaN;
      if (first?.registerWh !== undefined) expect(first.registerWh).toBeGreaterThanOrEqual(Math.floor(before));
    }
  });
});
