import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect as connectSocket, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { scaledClock, systemClock } from '#libs/kernel';
import { eventSchema, telemetrySchema, type DeviceEventPayload, type Reading } from '#libs/protocol';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { DeviceLink } from '../src/fleet/device-link.js';
import { generateCity, startFleet, type Fleet } from '../src/index.js';

const city = generateCity({ seed: 7, lamps: 120 });

/** Between the devices and the broker: cuts what passes, so that a listener beside it sees all that got through. */
class Cable {
  /** Client ids that may not pass, by what their CONNECT says. */
  readonly severed = new Set<string>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.server = createServer((inner) => {
      const outer = connectSocket(target.port, target.host);
      for (const socket of [inner, outer]) {
        this.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.sockets.delete(socket);
          inner.destroy();
          outer.destroy();
        });
      }
      inner.once('data', (hello) => {
        if ([...this.severed].some((id) => hello.includes(id))) inner.destroy();
      });
      inner.pipe(outer).pipe(inner);
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

describe.each(BROKERS)('a fleet on a bad cable to %s', (kind) => {
  let broker: TestBroker;
  let listener: MqttClient;
  let cable: Cable;
  let url: string;
  let fleet: Fleet | undefined;
  let copies: Map<string, Reading[]>;

  beforeEach(async () => {
    broker = await testBroker(kind);
    copies = new Map();
    listener = mqtt.connect(broker.url, { protocolVersion: 4 });
    listener.on('message', (_topic, payload) => {
      for (const reading of telemetrySchema.parse(JSON.parse(payload.toString())).readings) {
        const key = `${reading.lamp} ${reading.time}`;
        copies.set(key, [...(copies.get(key) ?? []), reading]);
      }
    });
    await listener.subscribeAsync('felinar/v1/+/+/telemetry', { qos: 1 });
    cable = new Cable(broker);
    url = await cable.open();
  });

  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    await listener.endAsync(true);
    await cable.close();
    await broker.stop();
  });

  it('delivers every reading it made, unchanged, however often the sockets are cut', async () => {
    const clock = scaledClock(Date.parse('2026-11-24T18:00:00Z'), 1200);
    const running = (fleet = await startFleet({ city, brokerUrl: url, clock }));
    for (const wanted of [200, 600, 1000, 1400]) {
      await waitFor(`${wanted} readings`, () => running.counts().acknowledged > wanted, 25_000);
      cable.cut();
    }
    expect(await running.drain(25_000)).toBe(true);
    const { generated, acknowledged, dropped } = running.counts();
    expect([acknowledged, dropped]).toEqual([generated, 0]);
    await waitFor('every reading', () => copies.size >= generated);
    expect(copies.size).toBe(generated);
    for (const same of copies.values()) for (const copy of same) expect(copy).toEqual(same[0]);
    for (const own of Map.groupBy(
      [...copies.values()].flatMap(([one]) => one ?? []),
      ({ lamp }) => lamp,
    ).values()) {
      const sorted = own.toSorted((a, b) => a.time.localeCompare(b.time));
      expect(sorted.map(({ sequence }) => sequence).filter((n) => n !== undefined)).toEqual(
        own.some(({ sequence }) => sequence === undefined) ? [] : sorted.map((_, index) => index),
      );
      const registers = sorted.map(({ activeEnergyWh }) => activeEnergyWh ?? 0);
      expect(registers).toEqual(registers.toSorted((a, b) => a - b));
    }
  }, 90_000);

  it('tells of events until the broker has acknowledged them: also those of a time without a connection, in their order', async () => {
    const heard: DeviceEventPayload[] = [];
    listener.removeAllListeners('message');
    listener.on('message', (_topic, payload) => heard.push(eventSchema.parse(JSON.parse(payload.toString()))));
    await listener.subscribeAsync('felinar/v1/+/+/event', { qos: 1 });
    let connects = 0;
    const link = new DeviceLink({
      ...{ brokerUrl: url, site: 'BT', device: 'D1', clock: systemClock, maxBufferedReadings: 10 },
      ...{ onConnected: () => (connects += 1), onMessage: () => undefined, onAcknowledged: () => undefined },
    });
    const said = (second: number, active: boolean): DeviceEventPayload => ({
      ...{ v: 1, time: `2026-11-24T18:00:${second}.000Z`, lamp: 'L1', event: 'leakageDetected', active },
    });
    const told = [said(10, true), said(20, false), said(30, true), said(40, false)];
    const [first, ...later] = told as [DeviceEventPayload, ...DeviceEventPayload[]];
    link.connect();
    await waitFor('the connection', () => link.isConnected);
    link.tell(first);
    await waitFor('the first', () => heard.length === 1 && link.bufferedEvents === 0);
    cable.cut();
    await waitFor('the cut', () => !link.isConnected);
    for (const event of later) link.tell(event);
    await waitFor('the rest', () => heard.length >= told.length, 20_000);
    expect(heard).toEqual(told);
    await waitFor('their acknowledgement', () => link.bufferedEvents === 0);
    cable.cut();
    await waitFor('another connection', () => connects === 3, 20_000);
    await link.stop();
    expect(heard).toHaveLength(told.length);
  }, 60_000);

  it('goes on while a minority of devices cannot connect; those drop their oldest readings', async () => {
    const town = generateCity({ seed: 7, lamps: 240 });
    const gateways = [...Map.groupBy(town.lamps, ({ device }) => device)].toSorted(
      ([, a], [, b]) => b.length - a.length,
    );
    // Enough lamps that what they keep exceeds what a whole fleet may have waiting.
    let stranded = 0;
    for (const [device, { length }] of gateways) {
      if (stranded > 105) break;
      cable.severed.add(`${town.site.address}.${device}`);
      stranded += length;
    }
    const clock = scaledClock(Date.parse('2026-11-24T18:00:00Z'), 9000);
    const running = (fleet = await startFleet({ city: town, brokerUrl: url, clock }));
    expect(running.counts().devices).toBeGreaterThan(2 * cable.severed.size);
    await waitFor('dropped readings', () => running.counts().dropped > 0, 40_000);
    const { connected, devices, buffered, acknowledged } = running.counts();
    expect(connected).toBe(devices - cable.severed.size);
    expect(buffered).toBeGreaterThan(50_000);
    await waitFor('the others to go on', () => running.counts().acknowledged > acknowledged + 1000);
  }, 90_000);
});
