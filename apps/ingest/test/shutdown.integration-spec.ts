import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPool, type Pool } from '#libs/storage';
import { RoleProcess, testBroker, testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';
import { publishLoad } from '../src/bench/load-publisher.js';
import { insertSmallCity } from './small-city.js';

/** After this `docker stop` kills. */
const STOPPED_WITHIN_MS = 10_000;
const COUNT = 30_000;

let database: TestDatabase;
let pool: Pool;
let broker: TestBroker;

beforeAll(async () => {
  database = await testDatabase();
  pool = createPool(database.url, 3);
  await insertSmallCity(pool, 1000);
  broker = await testBroker('mosquitto');
});

afterAll(async () => {
  await broker.stop();
  await pool.end();
  await database.drop();
});

it('asked to stop under load, ingest commits what it has, leaves the rest to the broker, and ends well', async () => {
  const stored = async () => Number((await pool.query('SELECT count(*) AS n FROM telemetry')).rows[0].n);
  const ingest = new RoleProcess('ingest', database.url, broker);
  ingest.start();
  await waitFor('ingest to connect', () => ingest.isConnected, 30_000);
  const startMs = Date.now() - 3_600_000;
  const lampOf = (index: number) => `L-${100 + (index % 900)}`;
  const load = publishLoad({
    ...{ host: broker.host, port: broker.port, count: COUNT, inFlight: 500 },
    topicOf: (index) => `felinar/v1/oulu/${lampOf(index)}/telemetry`,
    payloadOf: (index) =>
      JSON.stringify({
        v: 1,
        readings: [{ lamp: lampOf(index), time: new Date(startMs + index * 100).toISOString(), sequence: index }],
      }),
  });
  for (let round = 1; round <= 3; round += 1) {
    await waitFor('some to be stored', async () => (await stored()) > round * 1_500, 60_000);
    const askedMs = performance.now();
    expect(await ingest.stop()).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(STOPPED_WITHIN_MS);
    ingest.start();
    await waitFor('ingest to connect', () => ingest.isConnected, 30_000);
  }
  await load;
  await waitFor('every reading', async () => (await stored()) >= COUNT, 60_000);
  const found = await pool.query(
    'SELECT count(*)::int AS n, count(DISTINCT sequence)::int AS different FROM telemetry',
  );
  expect(found.rows).toEqual([{ n: COUNT, different: COUNT }]);
  expect(await ingest.stop()).toBe(0);
}, 180_000);
