/** From the alert that a crew gets back to the reading and the message that caused it: real processes, and what they log. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { freePort } from '#libs/services';
import { createPool, issueAdministratorKey, type Pool } from '#libs/storage';
import { RoleProcess, testBroker, testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';

let database: TestDatabase;
let pool: Pool;
let broker: TestBroker;
let device: MqttClient;
let receiver: Server;
const received: string[] = [];
const roles: RoleProcess[] = [];
let apiUrl: string;
let key: string;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += String(chunk)));
    request.on('end', () => {
      received.push(body);
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  database = await testDatabase();
  pool = createPool(database.url, 2);
  await pool.query(
    `INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('BT', 'Botoșani', 'Europe/Bucharest', 47.7, 26.7)`,
  );
  await pool.query(`
    INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
      VALUES ('LED', 'LED', 'LED', 50, 0.5, true, 10);
    INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude)
      VALUES (1, 'L-1', 'L-1', 1, 47.7, 26.7), (1, 'L-2', 'L-2', 1, 47.7, 26.7);
    INSERT INTO crew (site_id, address, name) VALUES (1, 'NORTH', 'North');`);
  await pool.query(
    `INSERT INTO crew_channel (site_id, crew_id, kind, target, secret, minimum_severity, events, area_kind, created_at, updated_at)
     VALUES (1, 1, 'webhook', $1, 'secret', 'warning', '["opened"]', 'site', now(), now())`,
    [`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`],
  );
  broker = await testBroker('mosquitto');
  const port = await freePort();
  apiUrl = `http://127.0.0.1:${port}/api/v1`;
  roles.push(
    new RoleProcess('ingest', database.url, broker, { FELINAR_LOG_LEVEL: 'debug' }),
    new RoleProcess('monitor', database.url, broker, { FELINAR_WEBHOOK_ALLOW_PRIVATE: 'true' }),
    new RoleProcess('api', database.url, broker, { FELINAR_HTTP_PORT: String(port) }),
  );
  for (const role of roles) role.start();
  await waitFor('ingest to connect', () => roles[0]?.isConnected, 60_000);
  await waitFor(
    'the API to answer',
    () =>
      fetch(`${apiUrl}/sites`).then(
        ({ status }) => status === 401,
        () => false,
      ),
    60_000,
  );
  key = await issueAdministratorKey(pool, 'test', Date.now());
  device = await mqtt.connectAsync(broker.url, { protocolVersion: broker.protocolVersion });
}, 180_000);

afterAll(async () => {
  await device.endAsync(true);
  for (const role of roles) await role.stop();
  receiver.closeAllConnections();
  receiver.close();
  await broker.stop();
  await pool.end();
  await database.drop();
});

/** The lines of a log that are objects with these properties. */
function lines(log: string, like: Record<string, unknown>): Record<string, unknown>[] {
  return log
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    })
    .filter((line) => Object.entries(like).every(([key, value]) => line[key] === value));
}

const get = async (path: string): Promise<unknown> =>
  (await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${key}` } })).json();

it('an alert leads to the fault, the reading and the message, and every process logs the same id', async () => {
  const [ingest, monitor] = roles as [RoleProcess, RoleProcess];
  const report = async (minutesAgo: number, lamp: string, events: string[]) => {
    const time = new Date(Date.now() - minutesAgo * 60_000).toISOString();
    const reading = { lamp, time, lightLevelPercent: 100, activePowerW: events.length > 0 ? 0.1 : 50, events };
    await device.publishAsync(`felinar/v1/BT/${lamp}/telemetry`, JSON.stringify({ v: 1, readings: [reading] }), {
      qos: 1,
    });
    await waitFor(
      'the monitor to have judged it',
      async () =>
        (
          await pool.query(
            `SELECT FROM lamp_watch JOIN lamp ON lamp.id = lamp_id JOIN lamp_state USING (lamp_id)
             WHERE address = $1 AND lamp_state.time = $2 AND judged_at = received_at`,
            [lamp, time],
          )
        ).rowCount === 1,
      60_000,
    );
    return time;
  };
  await report(60, 'L-1', ['lampFailure']);
  await report(60, 'L-2', []);
  const causedBy = await report(20, 'L-1', ['lampFailure']);
  const alert = await waitFor('the alert', () => received.find((body) => body.includes('lampFailure')), 60_000);

  // What the crew has in hand names the fault …
  const { items } = (await get('/sites/BT/faults?kind=lampFailure')) as {
    items: { id: number; subject: string }[];
  };
  expect(items).toEqual([expect.objectContaining({ subject: 'L-1' })]);
  const fault = String(items[0]?.id);
  expect(alert).toMatch(new RegExp(`"id":"?${fault}"?`));
  // … whose history names the reading and the message …
  const history = (await get(`/sites/BT/faults/${fault}/history`)) as {
    items: { event: string; readingAt: string | null; messageId: string | null }[];
  };
  const opened = history.items.find(({ event }) => event === 'opened');
  expect(opened?.readingAt).toBe(causedBy);
  const correlationId = opened?.messageId ?? '';
  expect(correlationId).toMatch(/^[0-9a-f]{8}-\d+$/);
  // … that ingest stored from this topic, monitor decided by, and routed: the same id in each log.
  expect(lines(ingest.log, { correlationId, msg: 'message stored' })).toEqual([
    expect.objectContaining({ topic: 'felinar/v1/BT/L-1/telemetry', readings: [`L-1 ${causedBy}`] }),
  ]);
  expect(lines(monitor.log, { correlationId, msg: 'fault event' })).toEqual([
    expect.objectContaining({ kind: 'lampFailure', event: 'opened', readingAt: causedBy }),
  ]);
  const [routed] = lines(monitor.log, { correlationId, msg: 'alert routed' });
  expect(routed).toMatchObject({ faultId: fault, channels: 1 });
  const tried = await waitFor('the delivery in the log', () =>
    lines(monitor.log, { msg: 'delivery tried' }).find(({ faultIds }) => (faultIds as string[]).includes(fault)),
  );
  expect(tried).toMatchObject({ faultIds: [fault], channel: 'webhook', outcome: 'accepted' });
  // And the reading is there as it came.
  const stored = await pool.query(
    'SELECT events FROM telemetry JOIN lamp ON lamp.id = lamp_id WHERE address = $1 AND time = $2',
    ['L-1', causedBy],
  );
  expect(stored.rows).toEqual([{ events: ['lampFailure'] }]);
}, 240_000);
