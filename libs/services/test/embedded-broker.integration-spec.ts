import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import mqtt from 'mqtt';
import { generate, parser, type Packet } from 'mqtt-packet';
import { startEmbeddedBroker, type EmbeddedBroker } from '#libs/services';

/** More than aedes delivers at a time by its default. */
const PUBLISHERS = 150;
/** Each that goes is a message of the broker's own to nobody: more than a call stack holds when one is worked off inside another. */
const LEAVING = 4000;

describe('the embedded broker', () => {
  let broker: EmbeddedBroker;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0 });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await broker.stop();
  });

  it('outlives one who subscribes and does not read while a whole city goes, and serves others meanwhile', async () => {
    const deaf = await client('deaf');
    await ask(deaf, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'busy', qos: 0 }] }, 'suback');
    deaf.pause();
    const leaving: Socket[] = [];
    while (leaving.length < LEAVING)
      leaving.push(
        ...(await Promise.all(Array.from({ length: 200 }, (_, n) => client(`leaves-${leaving.length + n}`)))),
      );
    const busy = {
      cmd: 'publish',
      topic: 'busy',
      payload: Buffer.alloc(1024 * 1024),
      qos: 0,
      retain: false,
      dup: false,
    } as const;
    for (let n = 0; n < PUBLISHERS; n++) (await client(`busy-${n}`)).write(generate(busy));
    for (const socket of leaving) socket.destroy();
    await expectService('meanwhile');
    deaf.destroy();
    await expectService('afterwards');
  });

  async function expectService(topic: string): Promise<void> {
    const other = await mqtt.connectAsync(broker.url);
    const heard = new Promise((resolve) => other.once('message', (_topic, payload) => resolve(payload.toString())));
    await other.subscribeAsync(topic);
    await other.publishAsync(topic, 'served', { qos: 1 });
    expect(await heard).toBe('served');
    await other.endAsync(true);
  }

  async function client(clientId: string): Promise<Socket> {
    const socket = connectSocket(broker.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    const common = { protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 } as const;
    return ask(socket, { cmd: 'connect', clientId, ...common }, 'connack');
  }
});

async function ask(socket: Socket, packet: Packet, answer: string): Promise<Socket> {
  const incoming = parser();
  let isAnswered = false;
  incoming.on('packet', ({ cmd }) => (isAnswered ||= cmd === answer));
  const parse = (chunk: Buffer) => incoming.parse(chunk);
  socket.on('data', parse);
  socket.write(generate(packet));
  while (!isAnswered) await once(socket, 'data');
  socket.off('data', parse);
  return socket;
}
