import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt from 'mqtt';
import { NotPublished, Publisher } from '../src/index.js';

describe.each(BROKERS)('publisher on %s', (kind) => {
  let broker: TestBroker;
  let publishers: Publisher[];

  beforeAll(async () => {
    broker = await testBroker(kind);
    publishers = [];
  });

  afterEach(async () => {
    for (const publisher of publishers.splice(0)) await publisher.stop();
  });

  afterAll(() => broker.stop());

  async function start(maxInFlight = 50): Promise<Publisher> {
    const { url, protocolVersion } = broker;
    const publisher = new Publisher({ broker: { url, protocolVersion }, clientId: `p-${Math.random()}`, maxInFlight });
    publishers.push(publisher);
    publisher.start();
    await waitFor('the connection', () => publisher.isReady);
    return publisher;
  }

  it('resolves when the broker has the message, also when there are many more than may be on their way', async () => {
    const seen: string[] = [];
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
    client.on('message', (_topic, payload) => seen.push(String(payload)));
    await client.subscribeAsync('many/#', { qos: 1 });
    const publisher = await start(10);
    await Promise.all(Array.from({ length: 500 }, (_, n) => publisher.publish(`many/${n % 7}`, String(n))));
    await waitFor('all', () => seen.length === 500);
    expect(new Set(seen).size).toBe(500);
    await client.endAsync();
  });

  it('keeps retained messages for those who come later', async () => {
    const publisher = await start();
    await publisher.publish('kept/one', 'hello', { retain: true });
    const client = mqtt.connect(broker.url, { protocolVersion: 4 });
    const got = new Promise((resolve) => client.on('message', (_topic, payload) => resolve(String(payload))));
    await client.subscribeAsync('kept/one', { qos: 1 });
    expect(await got).toBe('hello');
    await client.endAsync();
  });

  it('rejects what it cannot send, comes back by itself, and sends nothing old', async () => {
    const seen: string[] = [];
    const publisher = await start(1);
    const lost = [1, 2, 3].map((n) => publisher.publish('lost/x', `before ${n}`).catch((error: unknown) => error));
    await broker.killAndRestart();
    const outcomes = await Promise.all(lost);
    const count = outcomes.filter((outcome) => outcome instanceof NotPublished).length;
    await waitFor('the way back', () => publisher.isReady, 20_000);
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
    client.on('message', (_topic, payload) => seen.push(String(payload)));
    await client.subscribeAsync('lost/x', { qos: 1 });
    await publisher.publish('lost/x', 'after');
    await waitFor('the new one', () => seen.includes('after'));
    expect(seen).toEqual(['after']);
    expect(count + outcomes.filter((outcome) => outcome === undefined).length).toBe(3);
    await client.endAsync();
  });

  it('rejects at once without a connection', async () => {
    const publisher = new Publisher({
      broker: { url: 'mqtt://127.0.0.1:1', protocolVersion: 4 },
      clientId: 'x',
      maxInFlight: 1,
    });
    publishers.push(publisher);
    publisher.start();
    await expect(publisher.publish('a', 'b')).rejects.toBeInstanceOf(NotPublished);
  });
});
