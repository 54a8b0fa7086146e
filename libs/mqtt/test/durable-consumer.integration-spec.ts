import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { BROKERS, testBroker, waitFor, type TestBroker } from '#libs/testing';
import mqtt, { type MqttClient } from 'mqtt';
import { DurableConsumer, type DurableConsumerOptions } from '../src/index.js';

const TOPIC = 'felinar/v1/site/device/telemetry';

describe.each(BROKERS)('durable consumer on %s', (kind) => {
  let broker: TestBroker;
  let publisher: MqttClient;
  const consumers: DurableConsumer<string>[] = [];

  beforeEach(async () => {
    broker = await testBroker(kind);
    publisher = await mqtt.connectAsync(broker.url, { protocolVersion: broker.protocolVersion });
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await publisher.endAsync(true);
    await broker.stop();
  });

  async function start(
    overrides: Partial<DurableConsumerOptions<string>> & Pick<DurableConsumerOptions<string>, 'commit'>,
  ) {
    const consumer = new DurableConsumer<string>({
      broker: { url: broker.url, protocolVersion: broker.protocolVersion },
      clientId: 'durable-test',
      filters: ['felinar/v1/+/+/telemetry'],
      maxInFlight: 500,
      maxWeight: 1000,
      weigh: () => 1,
      batchWeight: 100,
      batchMs: 20,
      receive: (_topic, payload) => payload.toString(),
      ...overrides,
    });
    consumers.push(consumer);
    await consumer.start();
    return consumer;
  }

  const publish = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, index) => publisher.publishAsync(TOPIC, String(from + index), { qos: 1 })),
    );

  it('delivers everything, in order, in batches', async () => {
    const batches: (readonly string[])[] = [];
    await start({ commit: (batch) => Promise.resolve(void batches.push(batch)) });
    await publish(0, 2000);
    await waitFor('2000 messages', () => batches.flat().length === 2000);
    expect(batches.flat()).toEqual(Array.from({ length: 2000 }, (_, index) => String(index)));
    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(100);
  });

  it('has many messages in flight while a commit runs, and never more than its bound', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const seen: string[] = [];
    const consumer = await start({
      commit: async (batch) => {
        await gate;
        seen.push(...batch);
      },
    });
    const published = publish(0, 3000);
    await waitFor('a full window', () => consumer.inFlight === 500);
    await delay(200);
    expect(consumer.inFlight).toBe(500);
    release();
    await published;
    await waitFor('all 3000', () => seen.length === 3000);
    await waitFor('nothing in flight', () => consumer.inFlight === 0);
  });

  it('gets again what was not committed when the connection was cut, and acknowledges nothing on the wrong connection', async () => {
    const committed: string[] = [];
    let fails = true;
    const consumer = await start({
      commit: async (batch) => {
        if (fails) {
          await delay(20);
          throw new Error('the database is away');
        }
        committed.push(...batch);
      },
    });
    await publish(0, 300);
    await waitFor('all in flight', () => consumer.inFlight === 300);
    cutConnection(consumer);
    await waitFor('the broker to deliver again', () => consumer.isReady && consumer.inFlight >= 300, 20_000);
    fails = false;
    await waitFor('everything committed', () => consumer.inFlight === 0 && new Set(committed).size === 300, 20_000);
    // Nothing is left at the broker: a new connection of the same session gets nothing. (What has been written must reach the
    // broker before the connection is cut again.)
    await delay(500);
    const before = committed.length;
    cutConnection(consumer);
    await waitFor('the connection to come back', () => consumer.isReady, 20_000);
    await delay(300);
    expect(committed).toHaveLength(before);
  });

  it('finds what was published while it was away, in the persistent session', async () => {
    const first: string[] = [];
    const consumer = await start({ commit: (batch) => Promise.resolve(void first.push(...batch)) });
    await publish(0, 10);
    await waitFor('the first ten', () => first.length === 10);
    await consumer.stop();
    await publish(10, 1500);
    const second: string[] = [];
    await start({ commit: (batch) => Promise.resolve(void second.push(...batch)) });
    await waitFor('the rest', () => second.length === 1490);
    expect(second[0]).toBe('10');
    expect(second.at(-1)).toBe('1499');
  });

  it('tries a batch again until it is committed, and once only then acknowledges it', async () => {
    let tries = 0;
    const committed: string[] = [];
    const consumer = await start({
      commit: (batch) => {
        tries += 1;
        if (tries < 3) return Promise.reject(new Error('deadlock detected'));
        committed.push(...batch);
        return Promise.resolve();
      },
    });
    await publish(0, 50);
    await waitFor('50 committed', () => committed.length === 50);
    await waitFor('nothing in flight', () => consumer.inFlight === 0);
    expect(tries).toBeGreaterThanOrEqual(3);
  });
});

function cutConnection(consumer: DurableConsumer<string>): void {
  // The network's doing, so behind the consumer's back.
  (consumer as unknown as { client: MqttClient }).client.stream.destroy();
}
