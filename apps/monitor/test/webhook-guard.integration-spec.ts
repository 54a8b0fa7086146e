import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { lookup, LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import type { Message } from '#libs/alerts';
import { guardedLookup } from '../src/alerts/guarded-lookup.js';
import { WebhookSender } from '../src/alerts/webhook-sender.js';

const MESSAGE: Message = {
  kind: 'test',
  deliveryId: '5b0c3a5e-0f0d-4f5c-8d0e-3a4c2b1d9e77',
  atMs: 0,
  site: { address: 'BT', name: 'Botoșani', timeZone: 'Europe/Bucharest' },
  crew: { address: 'NORTH', name: 'Echipa Nord', language: 'en' },
  notices: [],
};

/** Somebody in our own network who must not be reached. */
let neighbour: Server;
let port: number;
let reached = 0;

beforeAll(async () => {
  neighbour = createServer((request, response) => {
    reached += 1;
    if (request.url === '/redirects') response.writeHead(307, { location: `http://127.0.0.1:${port}/inside` }).end();
    else response.writeHead(204).end();
  });
  neighbour.listen(0, '::');
  await once(neighbour, 'listening');
  port = (neighbour.address() as AddressInfo).port;
});
afterAll(() => void neighbour.close());
beforeEach(() => {
  reached = 0;
});

/** A resolver that says what it is told, a line for each time it is asked. */
function resolver(...answers: readonly (readonly string[])[]): { resolve: typeof lookup; asked: () => number } {
  let asked = 0;
  const resolve = (_host: string, _options: unknown, callback: (error: null, found: LookupAddress[]) => void) => {
    const found = answers[Math.min(asked, answers.length - 1)] as readonly string[];
    asked += 1;
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { resolve: resolve as unknown as typeof lookup, asked: () => asked };
}

const send = (sender: WebhookSender, url: string) => sender.send(MESSAGE, url, 'secret', 0);

describe('a webhook', () => {
  it('reaches the neighbour where that is allowed', async () => {
    expect(await send(new WebhookSender(true), `http://127.0.0.1:${port}/`)).toEqual({ kind: 'accepted' });
    expect(reached).toBe(1);
  });

  it.each([
    ...[
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      'localhost',
      'localhost.',
      'a.localhost',
      '0.0.0.0',
    ],
    ...[
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      '169.254.169.254',
      '10.0.0.1',
      '192.168.1.1',
    ],
    ...['[fe80::1]', '[fd00::1]', '172.16.0.1', '100.64.0.1', 'printer.local', 'metadata.google.internal'],
  ])('to %s is not sent', async (host) => {
    expect(await send(new WebhookSender(false), `http://${host}:${port}/`)).toMatchObject({ kind: 'refused' });
    expect(reached).toBe(0);
  });

  it.each([
    ...[
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '169.254.169.254',
      '10.1.2.3',
      '192.168.0.10',
      'fd00::1',
      'fe80::1',
      '0.0.0.0',
    ].map((address) => [address]),
    ['8.8.8.8', '127.0.0.1'],
    ['2606:4700::1111', '::1'],
  ])('to a name that leads to %s %s is not sent', async (...addresses) => {
    const { resolve } = resolver(addresses.filter((address) => typeof address === 'string'));
    const sender = new WebhookSender(false, guardedLookup(resolve));
    expect(await send(sender, `http://hooks.example:${port}/`)).toEqual({
      kind: 'refused',
      problem:
        'hooks.example does not lead to the public internet, nor to where FELINAR_WEBHOOK_ALLOW_PRIVATE lets it lead',
    });
    expect(reached).toBe(0);
  });

  it('goes into a network that is allowed, by its address or a name, and into no other', async () => {
    const allowed = ['127.0.0.0/8'];
    const named = (...addresses: string[]) =>
      new WebhookSender(allowed, guardedLookup(resolver(addresses).resolve, allowed));
    expect(await send(new WebhookSender(allowed), `http://127.0.0.1:${port}/`)).toEqual({ kind: 'accepted' });
    expect(await send(named('127.0.0.1'), `http://hooks.internal:${port}/`)).toEqual({ kind: 'accepted' });
    expect(reached).toBe(2);
    expect(await send(new WebhookSender(allowed), `http://[::1]:${port}/`)).toMatchObject({ kind: 'refused' });
    for (const address of ['::1', '10.0.0.1', '169.254.169.254'])
      expect(await send(named(address), `http://hooks.internal:${port}/`)).toMatchObject({ kind: 'refused' });
    expect(reached).toBe(2);
  });

  it('goes to exactly the addresses that were looked at, though the name has another mind by then', async () => {
    const { resolve, asked } = resolver(['8.8.8.8'], ['127.0.0.1']);
    const guarded = guardedLookup(resolve);
    const connected: unknown[] = [];
    // Nothing of a test goes out: the connection ends where it would be made.
    const stopping: LookupFunction = (host, options, callback) =>
      guarded(host, options, (error, found, family) => {
        if (error !== null) return callback(error, found, family);
        connected.push(found);
        callback(Object.assign(new Error('stopped here'), { code: 'ESTOP' }), '', 0);
      });
    const sender = new WebhookSender(false, stopping);
    expect(await send(sender, `http://hooks.example:${port}/`)).toEqual({
      kind: 'delayed',
      problem: 'no answer: stopped here',
    });
    // One question for one connection: there is no second one that could be answered otherwise.
    expect([asked(), connected.flat()]).toEqual([1, [{ address: '8.8.8.8', family: 4 }]]);
    expect(await send(sender, `http://hooks.example:${port}/`)).toMatchObject({ kind: 'refused' });
    expect([asked(), connected.length, reached]).toEqual([2, 1, 0]);
  });

  it('does not follow a redirect, wherever it leads', async () => {
    expect(await send(new WebhookSender(true), `http://127.0.0.1:${port}/redirects`)).toMatchObject({
      kind: 'refused',
      problem: expect.stringContaining('redirects are not followed'),
    });
    expect(reached).toBe(1);
  });
});
