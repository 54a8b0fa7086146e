/** Every role as a process of its own: what they tell Prometheus does not grow with the city. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { freePort } from '#libs/services';
import { createPool, type Pool } from '#libs/storage';
import { RoleProcess, testBroker, testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';

const FEW = 50;
const MANY = 500;
const ROLES = ['ingest', 'control', 'monitor', 'api'] as const;

let database: TestDatabase;
let pool: Pool;
let broker: TestBroker;
let devices: MqttClient;
const processes = new Map<string, { readonly role: RoleProcess; readonly url: string }>();

beforeAll(async () => {
  database = await testDatabase();
  pool = createPool(database.url, 2);
  await pool.query(`
    INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('site-0', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7);
    INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES ('LED', 'LED', 'LED', 50, 0.5, true, 10);
    INSERT INTO cabinet (site_id, address, name) VALUES (1, 'cab-1', 'Cabinet');
    INSERT INTO lamp (site_id, address, device, lamp_type_id, cabinet_id, latitude, longitude)
      SELECT 1, 'lamp-' || n, 'device-' || n, 1, 1, 47.7, 26.7 FROM generate_series(1, ${MANY}) AS n;`);
  broker = await testBroker('mosquitto');
  for (const name of ROLES) {
    const port = await freePort();
    const setting = name === 'api' ? 'FELINAR_HTTP_PORT' : 'FELINAR_OPERATIONS_PORT';
    const role = new RoleProcess(name, database.url, broker, { [setting]: String(port) });
    role.start();
    processes.set(name, { role, url: `http://127.0.0.1:${port}` });
  }
  for (const [name, { url }] of processes) {
    await waitFor(
      `${name} to be ready`,
      () =>
        fetch(`${url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      60_000,
    );
  }
  devices = await mqtt.connectAsync(broker.url, { protocolVersion: broker.protocolVersion });
}, 120_000);

afterAll(async () => {
  await devices.endAsync(true);
  for (const { role } of processes.values()) await role.stop();
  await broker.stop();
  await pool.end();
  await database.drop();
});

/** Everything that a device and a person can say about each of so many lamps, in the same ways. */
async function live(lamps: number, round: number): Promise<void> {
  const time = new Date().toISOString();
  const say = (device: string, channel: string, payload: unknown) =>
    devices.publishAsync(
      `felinar/v1/site-0/${device}/${channel}`,
      typeof payload === 'string' ? payload : JSON.stringify(payload),
      { qos: 1 },
    );
  for (let n = 1; n <= lamps; n += 1) {
    const [lamp, device] = [`lamp-${n}`, `device-${n}`];
    await Promise.all([
      say(device, 'status', { v: 1, online: true, time, firmware: `f-${n}`, model: `m-${n}` }),
      say(device, 'telemetry', {
        v: 1,
        readings: [{ lamp, time, lightLevelPercent: 100, activePowerW: 0.1, events: ['lampFailure'] }],
      }),
      say(device, 'telemetry', { v: 1, readings: [{ lamp: `unknown-${n}-${round}`, time }] }),
      say(device, 'telemetry', `garbage-${n}`),
      say(device, 'event', { v: 1, time, lamp, event: 'lampFailure', active: true }),
      say(device, 'program-state', { v: 1, time, programHash: `hash-${n}` }),
      say(device, 'ack', { v: 1, time, commandId: `command-${n}`, result: 'executed' }),
    ]);
  }
  const api = processes.get('api')?.url ?? '';
  for (let n = 1; n <= lamps; n += 10) {
    for (const path of [
      `lamps/lamp-${n}/state`,
      `lamps/lamp-${n}/telemetry`,
      `lamps/nobody-${n}`,
      'energy',
      `nonsense-${n}`,
    ])
      await (await fetch(`${api}/api/v1/sites/site-0/${path}`)).text();
  }
  await waitFor(
    'all to be stored',
    async () => (await pool.query('SELECT count(*)::int AS n FROM lamp_state')).rows[0].n >= lamps,
    60_000,
  );
}

/** Name and labels of every series of a role, without the values; not of those that Node has of itself. */
async function seriesOf(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return series.map((line) => line.slice(0, line.lastIndexOf(' '))).filter((name) => !name.startsWith('nodejs_'));
}

it('ten times the lamps make no more series, and no address is a label', async () => {
  // Twice, so that everything that happens once in a while has happened.
  await live(FEW, 1);
  await live(FEW, 2);
  await waitFor(
    'the monitor to have looked',
    async () => (await pool.query(`SELECT FROM lamp_watch LIMIT 1`)).rowCount === 1,
    60_000,
  );
  const few = new Map<string, Set<string>>();
  // The asking has a series of its own.
  for (const { url } of processes.values()) await seriesOf(url);
  for (const [name, { url }] of processes) few.set(name, new Set(await seriesOf(url)));
  await live(MANY, 3);
  for (const [name, { url }] of processes) {
    const many = await seriesOf(url);
    expect(many.length).toBeGreaterThan(20);
    const added = many.filter((series) => few.get(name)?.has(series) !== true);
    expect(added).toEqual([]);
    for (const series of many)
      expect(series).not.toMatch(/(lamp|device|unknown|nobody|nonsense|garbage|command|hash|site|cab|f|m)-\d/);
  }
  const ingest = await seriesOf(processes.get('ingest')?.url ?? '');
  expect(ingest).toContain('felinar_ingest_rejected_total{reason="unknownLamp"}');
  expect(await seriesOf(processes.get('api')?.url ?? '')).toContain(
    'felinar_http_request_duration_seconds_count{method="GET",route="/api/v1/sites/:site/lamps/:lamp/state",status="200"}',
  );
}, 240_000);
