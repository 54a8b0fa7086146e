import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort } from '#libs/services';
import { createPool, type Pool } from '#libs/storage';
import { RoleProcess, testDatabase, waitFor, type TestDatabase } from '#libs/testing';

/** After this `docker stop` kills. */
const STOPPED_WITHIN_MS = 10_000;
const CLIENTS = 8;
const BROKER = { url: 'mqtt://127.0.0.1:1', protocolVersion: 5 } as const;

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = createPool(database.url, 2);
  await pool.query(`
    INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('BT', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7);
    INSERT INTO command_batch (id, site_id, kind, created_at, created_by) VALUES ('00000000-0000-4000-8000-000000000001', 1, 'reapply', now(), 'Maria');
    INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES ('LED', 'LED', 'LED', 50, 0.5, true, 10);
    INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude) VALUES (1, 'L-1', 'L-1', 1, 47.7, 26.7);
    INSERT INTO lamp_command (batch_id, site_id, lamp_id, device, part, level_percent, fade_s, expires_at, state, attempts, due_at, created_at)
      VALUES ('00000000-0000-4000-8000-000000000001', 1, 1, 'L-1', 0, 80, 1, now() + interval '1 hour', 'queued', 0, now(), now());`);
}, 60_000);

afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('asked to stop under load, the API answers what it has begun, keeps what it has answered, and ends well', async () => {
  const port = await freePort();
  const root = `http://127.0.0.1:${port}/api/v1`;
  const api = new RoleProcess('api', database.url, BROKER, { FELINAR_HTTP_PORT: String(port) });
  api.start();
  await waitFor(
    'the API to answer',
    () =>
      fetch(`${root}/sites`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
  );
  // Somebody watches a command meanwhile: such an answer has no end of its own.
  const stream = await fetch(`${root}/sites/BT/command-batches/00000000-0000-4000-8000-000000000001/events`);
  expect(stream.status).toBe(200);
  const streamed = stream.text().catch(() => 'cut');
  const created: string[] = [];
  let isStopping = false;
  let refused = 0;
  const work = async (client: number) => {
    for (let index = 0; ; index += 1) {
      const address = `CAB-${client}-${index}`;
      try {
        const answer = await fetch(`${root}/sites/BT/cabinets`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ address, name: address }),
        });
        await answer.text();
        if (answer.status === 201) created.push(address);
        // Before it was asked to stop, everything is taken; afterwards it may say so.
        else if (!isStopping || answer.status !== 503) refused += 1;
      } catch {
        if (!isStopping) refused += 1;
        return;
      }
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, client) => work(client));
  await waitFor('some to be created', () => created.length > 100, 60_000);
  const askedMs = performance.now();
  isStopping = true;
  expect(await api.stop()).toBe(0);
  expect(performance.now() - askedMs).toBeLessThan(STOPPED_WITHIN_MS);
  await Promise.all(clients);
  await streamed;
  expect(refused).toBe(0);
  const stored = await pool.query<{ address: string }>('SELECT address FROM cabinet');
  const addresses = new Set(stored.rows.map(({ address }) => address));
  expect(created.filter((address) => !addresses.has(address))).toEqual([]);
}, 120_000);
