import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#libs/testing';
import mqtt from 'mqtt';
import { Run } from './running-felinar.js';

/** Living processes whose command line or environment names the data directory. */
async function processesOf(data: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(data)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}

type Headers = Record<string, string>;

async function json(url: string, headers: Headers): Promise<{ items: unknown[]; [name: string]: unknown }> {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as { items: unknown[] };
}

describe('npm start', () => {
  let data: string;
  let runs: Run[];

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'felinar-start-'));
    runs = [];
  });

  afterEach(async () => {
    // What a failed test has left running must not fail the next.
    for (const run of runs.splice(0)) await run.interrupt().catch(() => undefined);
  });

  afterAll(async () => {
    await rm(data, { recursive: true, force: true });
  });

  const start = (...options: string[]) => {
    const run = new Run(data, ...options);
    runs.push(run);
    return run;
  };
  let dataPath: string;

  it('runs a city, says where to look, and leaves no process behind at Ctrl-C', async () => {
    const run = start('--lamps', '60', '--speed', '300');
    const api = await run.says(/API docs\s+(\S+)\/docs/);
    expect(await run.says(/60 lamps/)).toBe('60 lamps');
    dataPath = await run.says(/Data\s+(\S+)/);
    expect((await fetch(`${api}/docs`)).status).toBe(200);
    const headers = await run.authorized();
    const readings = async () =>
      (await json(`${api}/api/v1/sites/botosani/lamp-states?limit=1000`, headers)).items as { time: string | null }[];
    await waitFor('every lamp to be heard', async () => (await readings()).every(({ time }) => time !== null), 20_000);
    expect(await readings()).toHaveLength(60);
    expect(await fetch(`${api}/health/ready`).then(({ status }) => status)).toBe(200);
    const stored = async () => {
      const metrics = await fetch(`${api}/metrics`).then((answer) => answer.text());
      return Number(/felinar_ingest_readings_stored_total (\d+)/.exec(metrics)?.[1]);
    };
    // Enough for every lamp to have reported more than once.
    await waitFor('three rounds', async () => (await stored()) > 180, 20_000);
    expect(await run.interrupt()).toBe(0);
    expect(run.output).toContain('Nothing is left running');
    expect(await processesOf(dataPath)).toEqual([]);
  }, 120_000);

  it('keeps its data, and goes on in the time that the faster run had reached', async () => {
    const run = start('--lamps', '60');
    const api = await run.says(/API docs\s+(\S+)\/docs/);
    expect(run.output).toContain('An earlier run was faster');
    const site = await json(`${api}/api/v1/sites/botosani/energy?by=month`, await run.authorized());
    expect((site['totals'] as { energyKwh: number }).energyKwh).toBeGreaterThan(0);
    expect(await run.interrupt()).toBe(0);
  }, 120_000);

  it('refuses another city on the same data, and a second process', async () => {
    const other = start('--lamps', '61');
    expect(await other.says(/begin anew with --fresh/)).toBeDefined();
    await waitFor('its end', async () => (await processesOf(dataPath)).length === 0);
    const first = start('--no-simulator');
    await first.says(/Felinar is running/);
    const second = start('--no-simulator');
    expect(await second.says(/Felinar already runs on/)).toBeDefined();
    expect(await first.interrupt()).toBe(0);
  }, 120_000);

  it('begins anew with --fresh, and without the simulator takes what other devices say', async () => {
    const run = start('--fresh', '--no-simulator');
    const api = await run.says(/API docs\s+(\S+)\/docs/);
    const brokerUrl = await run.says(/Broker\s+(\S+)/);
    const headers = await run.authorized();
    expect((await json(`${api}/api/v1/sites`, headers)).items).toEqual([]);
    const post = (path: string, body: object) =>
      fetch(`${api}/api/v1${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await post('/sites', {
      address: 'oulu',
      name: 'Oulu',
      timeZone: 'Europe/Helsinki',
      latitude: 65.01,
      longitude: 25.47,
    });
    await post('/lamp-types', { code: 'LED-57', name: 'LED 57 W', technology: 'LED', ratedPowerW: 57 });
    expect(
      (await post('/sites/oulu/lamps', { address: 'OU-1', lampType: 'LED-57', latitude: 65, longitude: 25.4 })).status,
    ).toBe(201);
    const client = await mqtt.connectAsync(brokerUrl, { protocolVersion: 4 });
    const reading = { lamp: 'OU-1', time: new Date().toISOString(), activePowerW: 40.5 };
    await client.publishAsync('felinar/v1/oulu/OU-1/telemetry', JSON.stringify({ v: 1, readings: [reading] }), {
      qos: 1,
    });
    await client.endAsync();
    await waitFor('the state', async () => {
      const state = await json(`${api}/api/v1/sites/oulu/lamps/OU-1/state`, headers);
      return (state['reading'] as { activePowerW: number } | null)?.activePowerW === 40.5;
    });
    expect(await run.interrupt()).toBe(0);
  }, 120_000);

  it('leaves no server behind when it is killed, and recovers', async () => {
    const run = start('--fresh', '--lamps', '20', '--speed', '300');
    await run.says(/Felinar is running/);
    await run.says(/readings stored/);
    await run.end('SIGKILL');
    await waitFor('no process to be left', async () => (await processesOf(dataPath)).length === 0, 20_000);
    const again = start('--lamps', '20');
    await again.says(/Felinar is running/);
    expect(await again.interrupt()).toBe(0);
    expect(await processesOf(dataPath)).toEqual([]);
  }, 120_000);
});
