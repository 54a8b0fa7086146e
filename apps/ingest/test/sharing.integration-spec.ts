/** Several ingest processes that divide a city among them: a real Mosquitto, real processes, and what happens when one of them is gone. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { createPool, type Pool } from '#libs/storage';
import { RoleProcess, testBroker, testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';
import { freePort } from '#libs/services';
import { publishLoad } from '../src/bench/load-publisher.js';
import { insertSmallCity } from './small-city.js';

const LAMPS = 1000;

describe('two ingest processes with one shared subscription', () => {
  let database: TestDatabase;
  let pool: Pool;
  let broker: TestBroker;
  let publisher: MqttClient;
  let processes: { readonly role: RoleProcess; readonly port: number }[];

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 3);
    await insertSmallCity(pool, LAMPS);
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  beforeEach(async () => {
    await pool.query('TRUNCATE telemetry, lamp_state, device, device_event, rejection_count, ingest_peer');
    broker = await testBroker('mosquitto');
    publisher = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    processes = [];
    for (const name of ['a', 'b']) {
      const port = await freePort();
      const role = new RoleProcess('ingest', database.url, broker, {
        FELINAR_INGEST_CLIENT_ID: `ingest-${name}`,
        FELINAR_INGEST_SHARE: 'city',
        FELINAR_INGEST_PEER_GONE_S: '4',
        FELINAR_OPERATIONS_PORT: String(port),
      });
      role.start();
      processes.push({ role, port });
    }
    for (const { role } of processes) await waitFor('ingest to connect', () => role.isConnected, 30_000);
  }, 60_000);

  afterEach(async () => {
    await publisher.endAsync(true);
    for (const { role } of processes) await role.stop();
    await broker.stop();
  });

  const counted = async () =>
    (await pool.query('SELECT count(*)::int AS n, count(DISTINCT sequence)::int AS different FROM telemetry'))
      .rows[0] as {
      n: number;
      different: number;
    };
  const storedBy = async (port: number) => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^felinar_ingest_readings_stored_total (\d+)/m.exec(text)?.[1]);
  };
  const load = (count: number, firstSequence = 0) => {
    const startMs = Date.now() - 3_600_000;
    const lampOf = (index: number) => `L-${100 + (index % 900)}`;
    return publishLoad({
      ...{ host: broker.host, port: broker.port, count, inFlight: 200 },
      topicOf: (index) => `felinar/v1/oulu/${lampOf(index)}/telemetry`,
      payloadOf: (index) => {
        const time = new Date(startMs + (firstSequence + index) * 100).toISOString();
        const sequence = firstSequence + index;
        return JSON.stringify({ v: 1, readings: [{ lamp: lampOf(index), time, sequence, activeEnergyWh: sequence }] });
      },
    });
  };
  const newestIsState = async () =>
    (
      await pool.query(
        `SELECT count(*)::int AS n FROM lamp_state AS s
          JOIN (SELECT lamp_id, max(time) AS time FROM telemetry GROUP BY 1) AS newest USING (lamp_id) WHERE s.time = newest.time`,
      )
    ).rows[0] as { n: number };

  it('divide the readings, and store each once', async () => {
    await load(20_000);
    await waitFor('every reading', async () => (await counted()).n >= 20_000, 60_000);
    expect(await counted()).toEqual({ n: 20_000, different: 20_000 });
    const shares = await Promise.all(processes.map(({ port }) => storedBy(port)));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(20_000);
    for (const share of shares) expect(share).toBeGreaterThan(4_000);
    expect(await newestIsState()).toEqual({ n: 900 });
  }, 90_000);

  it('when one is killed for good, the other stores its part too, also what waited for it', async () => {
    const [killed, other] = processes as [(typeof processes)[0], (typeof processes)[0]];
    await load(4_000);
    const loading = load(16_000, 4_000);
    await waitFor('some of it', async () => (await counted()).n > 5_000, 30_000);
    await killed.role.kill();
    await loading;
    // The killed one does not come back: everything is stored all the same.
    await waitFor('every reading', async () => (await counted()).n >= 20_000, 90_000);
    expect(await counted()).toEqual({ n: 20_000, different: 20_000 });
    expect(await newestIsState()).toEqual({ n: 900 });
    await waitFor('its session to be ended', async () => (await pool.query('SELECT FROM ingest_peer')).rowCount === 1);
    // From here on all goes to the one that is there.
    const before = await storedBy(other.port);
    await load(1_000, 20_000);
    await waitFor('the rest', async () => (await storedBy(other.port)) === before + 1_000, 30_000);
  }, 180_000);

  it('one that comes back has its part again', async () => {
    const [killed, other] = processes as [(typeof processes)[0], (typeof processes)[0]];
    await killed.role.kill();
    await load(500);
    await waitFor(
      'its session to be ended',
      async () => (await pool.query('SELECT FROM ingest_peer')).rowCount === 1,
      60_000,
    );
    killed.role.start();
    await waitFor('ingest to connect', () => killed.role.isConnected, 30_000);
    await load(4_000, 500);
    await waitFor('every reading', async () => (await counted()).n >= 4_500, 60_000);
    expect(await counted()).toEqual({ n: 4_500, different: 4_500 });
    for (const { port } of [killed, other]) expect(await storedBy(port)).toBeGreaterThan(500);
  }, 120_000);

  it('both take every status, and agree on the last one', async () => {
    const say = (online: boolean, time: string) =>
      publisher.publishAsync('felinar/v1/oulu/GW-1/status', JSON.stringify({ v: 1, online, time }), {
        qos: 1,
        retain: true,
      });
    const time = new Date().toISOString();
    for (let round = 0; round < 20; round += 1) {
      await say(true, time);
      await say(false, time);
    }
    await waitFor('offline', async () => (await pool.query('SELECT FROM device WHERE NOT online')).rowCount === 1);
    await say(true, new Date().toISOString());
    await waitFor('online', async () => (await pool.query('SELECT FROM device WHERE online')).rowCount === 1);
  }, 60_000);
});
