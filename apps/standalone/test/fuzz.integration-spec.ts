import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyDatabase, testBroker, type TestBroker } from '#libs/testing';
import { runFuzz } from '../src/fuzz/run-fuzz.js';
import { growth, wrongs } from '../src/fuzz/report.js';

const CASES = 20_000;
const SEED = Math.floor(Math.random() * 2 ** 31);

/** The short form of `npm run test:fuzz`. Runs the build. */
describe('whatever is asked and published', () => {
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  let broker: TestBroker;
  let directory: string;

  beforeAll(async () => {
    database = await emptyDatabase();
    broker = await testBroker('mosquitto');
    directory = await mkdtemp(join(tmpdir(), 'felinar-fuzz-'));
  });

  afterAll(async () => {
    await broker.stop();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  it('no answer is a failure, no process ends, nothing good is lost, and no heap grows', async () => {
    const said: string[] = [];
    const services = { databaseUrl: database.url, brokerUrl: broker.url, directory };
    const report = await runFuzz({ cases: CASES, seed: SEED, only: undefined, out: undefined }, services, (line) =>
      said.push(line),
    );
    // A heap that has not yet filled its caches is still growing: of so few cases only a bad leak shows.
    const heaps = report.heaps.map((row) => ({
      ...row,
      before: { ...row.before, heapBytes: row.before.heapBytes * 1.15 },
    }));
    expect({ seed: SEED, wrongs: wrongs({ ...report, heaps }) }).toEqual({ seed: SEED, wrongs: [] });
    expect(heaps.map(({ process }) => process)).toEqual(['api', 'ingest', 'control', 'monitor']);
    expect(report.heaps.every((row) => Math.abs(growth(row)) < 1)).toBe(true);
    // Of nothing, nothing fails.
    expect(report.requests).toBeGreaterThan(1_900);
    expect(report.statuses['200']).toBeGreaterThan(100);
    expect(report.operations - report.notReached.length).toBeGreaterThan(40);
    expect(report.books.find(({ what }) => what.startsWith('good readings'))?.found).toBeGreaterThan(200);
  }, 300_000);
});
