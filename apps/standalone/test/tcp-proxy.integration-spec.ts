import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '#libs/testing';
import { TcpProxy } from '../src/chaos/tcp-proxy.js';

/** A server that answers what it hears, and a proxy before it. */
describe('a network that can be made bad', () => {
  let server: Server;
  let proxy: TcpProxy;
  let heard: Buffer[];
  let clients: Socket[];

  beforeEach(async () => {
    [heard, clients] = [[], []];
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        heard.push(chunk);
        socket.write(chunk);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await TcpProxy.start({ host: '127.0.0.1', port: (server.address() as { port: number }).port });
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await proxy.stop();
    server.close();
  });

  const client = async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    clients.push(socket);
    const said = { socket, text: '', problem: '', hasEnded: false };
    socket.on('data', (chunk) => (said.text += String(chunk)));
    socket.on('error', (error: NodeJS.ErrnoException) => (said.problem = error.code ?? ''));
    socket.on('close', () => (said.hasEnded = true));
    await once(socket, 'connect');
    return said;
  };

  it('passes on what is said, in both directions, and the end of it', async () => {
    const one = await client();
    const large = 'x'.repeat(3_000_000);
    one.socket.write(large);
    await waitFor('the echo', () => one.text.length === large.length);
    expect(one.text === large).toBe(true);
    one.socket.end();
    await waitFor('the end', () => proxy.connections === 0);
    expect([one.hasEnded, one.problem]).toEqual([true, '']);
  });

  it('loses everything for a time, and resets what it carried then', async () => {
    const one = await client();
    one.socket.write('before');
    await waitFor('the echo', () => one.text === 'before');
    const dropping = proxy.drop(300);
    one.socket.write('lost');
    const late = await client();
    late.socket.write('lost too');
    await delay(150);
    expect([one.hasEnded, late.hasEnded, late.text, Buffer.concat(heard).toString()]).toEqual([
      ...[false, false, '', 'before'],
    ]);
    await dropping;
    await waitFor('both ends', () => one.hasEnded && late.hasEnded);
    expect([one.problem, one.text]).toEqual(['ECONNRESET', 'before']);
    const after = await client();
    after.socket.write('after');
    await waitFor('the echo', () => after.text === 'after');
  });

  it('holds up what is said, in order', async () => {
    const one = await client();
    one.socket.write('a');
    await waitFor('the echo', () => one.text === 'a');
    const slow = proxy.delay(250, 200);
    const startedMs = performance.now();
    one.socket.write('b');
    await delay(20);
    one.socket.write('c');
    await slow;
    one.socket.write('d');
    await waitFor('the echo', () => one.text === 'abcd');
    // Twice: there and back.
    expect(performance.now() - startedMs).toBeGreaterThan(300);
  });

  it('resets every connection', async () => {
    const [one, other] = [await client(), await client()];
    await waitFor('both', () => proxy.connections === 2);
    proxy.reset();
    await waitFor('both ends', () => one.hasEnded && other.hasEnded);
    expect(proxy.connections).toBe(0);
  });

  it('cuts a message in halves, and spares who is silent', async () => {
    const [one, silent] = [await client(), await client()];
    await waitFor('both', () => proxy.connections === 2);
    const halving = proxy.halve(200);
    one.socket.write('12345678');
    await waitFor('the end', () => one.hasEnded);
    await halving;
    expect([Buffer.concat(heard).toString(), one.text]).toEqual(['1234', '']);
    silent.socket.write('whole');
    await waitFor('the echo', () => silent.text === 'whole');
  });

  it('lets a client know that there is no server', async () => {
    server.close();
    const one = await client();
    await waitFor('the end', () => one.hasEnded);
  });
});
