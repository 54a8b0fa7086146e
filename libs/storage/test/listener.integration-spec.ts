import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { emptyDatabase, waitFor } from '#libs/testing';
import { ChangeListener, createPool, type Pool } from '../src/index.js';

/** A database that can go away in the middle of a connect, as one does that is shut down or starts up. */
describe('a listener whose database goes away', () => {
  let database: { readonly url: string; drop(): Promise<void> };
  let pool: Pool;
  let relay: Server;
  let isThere = true;
  let tries = 0;
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    database = await emptyDatabase();
    pool = createPool(database.url, 1);
    const { hostname, port } = new URL(database.url);
    relay = createServer((near) => {
      tries += 1;
      sockets.add(near.on('error', () => undefined));
      if (!isThere) {
        near.once('data', () => near.destroy());
        return;
      }
      const far = connect(Number(port), hostname).on('error', () => undefined);
      near.pipe(far).pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
  });

  afterAll(async () => {
    relay.close();
    await pool.end();
    await database.drop();
  });

  it('comes back on one connection, however often it was turned away', async () => {
    const url = new URL(database.url);
    url.port = String((relay.address() as { port: number }).port);
    url.hostname = '127.0.0.1';
    let changes = 0;
    const listener = new ChangeListener(url.href, 'something', () => (changes += 1));
    await listener.start();
    isThere = false;
    tries = 0;
    for (const socket of sockets) socket.destroy();
    await delay(2_500);
    // 0.1, 0.2, 0.4, 0.8 s, and half of it at the least: six tries within that time at the most.
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(8);
    isThere = true;
    await waitFor('the listener', () => listener.isListening, 15_000);
    await delay(500);
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'felinar listener'`,
    );
    expect(rows[0]?.n).toBe(1);
    const before = changes;
    await pool.query(`NOTIFY something`);
    await waitFor('the change', () => changes > before);
    await listener.stop();
  }, 40_000);
});
