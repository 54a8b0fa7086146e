import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createPool, type Pool } from '#libs/storage';
import {
  BROKERS,
  testBroker,
  testDatabase,
  waitFor,
  type TestBroker,
  type TestDatabase,
  RoleProcess,
} from '#libs/testing';
import { garbage, type GarbageMessage } from '#simulators';
import { publishLoad } from '../src/bench/load-publisher.js';
import { insertSmallCity } from './small-city.js';

const GARBAGE = 100_000;
const GOOD = 20_000;
/** Generous beside what was seen (some 200 MB), and far below what keeping the garbage would take. */
const MAX_RESIDENT_MB = 300;

describe.each(BROKERS)('100,000 garbage messages beside good traffic through %s', (kind) => {
  let database: TestDatabase;
  let pool: Pool;
  let broker: TestBroker;
  let ingest: RoleProcess;

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 2);
    await insertSmallCity(pool, 1000);
    broker = await testBroker(kind);
    ingest = new RoleProcess('ingest', database.url, broker);
    ingest.start();
    await waitFor('ingest to connect', () => ingest.isConnected, 20_000);
  });

  afterAll(async () => {
    await ingest.stop();
    await broker.stop();
    await pool.end();
    await database.drop();
  });

  it('lose nothing good, are counted one by one, and leave the memory bounded', async () => {
    const nowMs = Date.now();
    const source = garbage({ seed: 11, site: 'oulu', device: 'GW-1', lamp: 'L-1', foreignLamp: 'L-500', nowMs });
    const expected = new Map<string, number>();
    const messages: GarbageMessage[] = [];
    for (let n = 0; n < GARBAGE; n += 1) {
      const message = source.next().value;
      messages.push(message);
      expected.set(message.reason, (expected.get(message.reason) ?? 0) + 1);
    }
    const load = { host: broker.host, port: broker.port, inFlight: 500 };
    await Promise.all([
      publishLoad({
        ...load,
        count: GARBAGE,
        topicOf: (n) => messages[n]?.topic ?? '',
        payloadOf: (n) => messages[n]?.payload ?? '',
      }),
      publishLoad({
        ...load,
        count: GOOD,
        topicOf: (n) => `felinar/v1/oulu/L-${100 + (n % 900)}/telemetry`,
        payloadOf: (n) =>
          JSON.stringify({
            v: 1,
            readings: [
              { lamp: `L-${100 + (n % 900)}`, time: new Date(nowMs - 3_600_000 + n * 100).toISOString(), sequence: n },
            ],
          }),
      }),
    ]);
    const counted = async () => {
      const found = await pool.query('SELECT reason, sum(count)::int AS count FROM rejection_count GROUP BY reason');
      return new Map(found.rows.map(({ reason, count }) => [reason as string, count as number]));
    };
    const sum = (counts: ReadonlyMap<string, number>) =>
      [...counts.values()].reduce((total, count) => total + count, 0);
    await waitFor('every rejection', async () => sum(await counted()) >= GARBAGE, 60_000);
    expect(Object.fromEntries(await counted())).toEqual(Object.fromEntries(expected));
    await waitFor(
      'every good reading',
      async () => (await pool.query('SELECT count(*)::int AS n FROM telemetry')).rows[0].n >= GOOD,
      30_000,
    );
    expect(
      (await pool.query('SELECT count(*)::int AS n, count(DISTINCT sequence)::int AS different FROM telemetry')).rows,
    ).toEqual([{ n: GOOD, different: GOOD }]);
    const samples = await pool.query(
      'SELECT reason, count(*)::int AS n, max(length(payload)) AS longest FROM rejected_message GROUP BY reason',
    );
    expect(samples.rows.map(({ reason }) => reason as string).sort()).toEqual([...expected.keys()].sort());
    for (const { n, longest } of samples.rows) {
      expect(n).toBeLessThanOrEqual(200);
      expect(longest).toBeLessThanOrEqual(2048);
    }
    const status = await readFile(`/proc/${ingest.pid}/status`, 'utf8');
    expect(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024).toBeLessThan(MAX_RESIDENT_MB);
  }, 180_000);
});
