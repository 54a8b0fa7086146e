import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/config';
import { Counter, createMetricsRegistry, Readiness, type Registry } from '#libs/observability';
import { freePort } from '#libs/services';
import { createPool, type Pool } from '#libs/storage';
import { testDatabase, type TestDatabase } from '#libs/testing';
import { OperationsServer } from '../src/index.js';

describe('the operations server', () => {
  let database: TestDatabase;
  let pool: Pool;
  let server: OperationsServer | undefined;
  let registry: Registry;
  let readiness: Readiness;

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 2);
  });

  afterEach(async () => {
    await server?.onApplicationShutdown();
  });

  afterAll(async () => {
    await database.drop();
  });

  async function start(port?: number): Promise<string> {
    const config = loadConfig({
      FELINAR_DATABASE_URL: database.url,
      FELINAR_MQTT_URL: 'mqtt://127.0.0.1:1',
      ...(port === undefined ? {} : { FELINAR_OPERATIONS_PORT: String(port) }),
    });
    registry = createMetricsRegistry();
    readiness = new Readiness();
    server = new OperationsServer(config, registry, pool, readiness);
    await server.onApplicationBootstrap();
    return `http://127.0.0.1:${server.port}`;
  }

  const json = async (response: Response) => (await response.json()) as unknown;

  it('does not listen where no port is configured', async () => {
    await start();
    expect(server?.port).toBeUndefined();
  });

  it('says that the process lives, and whether it is ready, with what is missing', async () => {
    const url = await start(await freePort());
    expect(await json(await fetch(`${url}/health/live`))).toEqual({ status: 'live' });
    const ready = await fetch(`${url}/health/ready?verbose`);
    expect(ready.status).toBe(200);
    expect(await json(ready)).toEqual({ status: 'ready', checks: [{ name: 'database', ready: true }] });
    readiness.add('broker', () => Promise.resolve('not connected'));
    const not = await fetch(`${url}/health/ready`);
    expect(not.status).toBe(503);
    expect(not.headers.get('cache-control')).toBe('no-store');
    expect(await json(not)).toEqual({
      status: 'not ready',
      checks: [
        { name: 'database', ready: true },
        { name: 'broker', ready: false, detail: 'not connected' },
      ],
    });
    // One that is not ready lives: it must not be restarted for that.
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('answers a check that hangs with "not ready", in time', async () => {
    const url = await start(await freePort());
    readiness.add('slow', () => new Promise(() => undefined));
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await json(answer)).toMatchObject({ checks: [{}, { name: 'slow', detail: 'no answer within 2000 ms' }] });
  });

  it('has the metrics of the process, as Prometheus reads them', async () => {
    const url = await start(await freePort());
    new Counter({ name: 'felinar_test_total', help: 'Of a test', registers: [registry] }).inc(3);
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await answer.text();
    expect(text).toContain('felinar_test_total 3');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('says what there is where it is asked for something else, and a metric that cannot be read is no crash', async () => {
    const url = await start(await freePort());
    for (const answer of [await fetch(`${url}/nothing`), await fetch(`${url}/metrics`, { method: 'POST' })]) {
      expect(answer.status).toBe(404);
      expect(await json(answer)).toMatchObject({ detail: expect.stringContaining('/health/ready') });
    }
    expect((await fetch(`${url}/metrics`, { method: 'HEAD' })).status).toBe(200);
    const failing = new Counter({ name: 'felinar_failing_total', help: 'Fails', registers: [registry] });
    (failing as unknown as { collect: () => void }).collect = () => {
      throw new Error('cannot be read');
    };
    const failed = await fetch(`${url}/metrics`);
    expect(failed.status).toBe(500);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('is not ready without its database, and comes to an end with a client that keeps its connection', async () => {
    const url = await start(await freePort());
    await fetch(`${url}/health/live`, { headers: { connection: 'keep-alive' } });
    await pool.end();
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await json(answer)).toMatchObject({ checks: [{ name: 'database', ready: false }] });
    await server?.onApplicationShutdown();
    server = undefined;
    await expect(fetch(`${url}/health/live`)).rejects.toThrow();
  });
});
