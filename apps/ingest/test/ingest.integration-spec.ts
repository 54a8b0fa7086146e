import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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
import mqtt, { type MqttClient } from 'mqtt';
import { publishLoad } from '../src/bench/load-publisher.js';
import { insertSmallCity } from './small-city.js';

const LAMPS = 1000;

describe.each(BROKERS)('ingest on %s', (kind) => {
  let database: TestDatabase;
  let pool: Pool;
  let broker: TestBroker;
  let ingest: RoleProcess;
  let publisher: MqttClient;

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 3);
    await insertSmallCity(pool, LAMPS);
    broker = await testBroker(kind);
  });

  afterAll(async () => {
    await broker.stop();
    await pool.end();
    await database.drop();
  });

  beforeEach(async () => {
    await pool.query('TRUNCATE telemetry, lamp_state, device, device_event, rejection_count, rejected_message');
    ingest = new RoleProcess('ingest', database.url, broker);
    ingest.start();
    await waitFor('ingest to connect', () => ingest.isConnected, 20_000);
    publisher = await mqtt.connectAsync(broker.url, { protocolVersion: broker.protocolVersion });
  });

  afterEach(async () => {
    await publisher.endAsync(true);
    await ingest.stop();
  });

  const stored = async () => Number((await pool.query('SELECT count(*) AS n FROM telemetry')).rows[0].n);
  const publish = (topic: string, payload: unknown) =>
    publisher.publishAsync(
      `felinar/v1/oulu/${topic}`,
      typeof payload === 'string' ? payload : JSON.stringify(payload),
      { qos: 1 },
    );
  const rejections = async () => {
    const found = await pool.query(
      'SELECT reason, sum(count)::int AS count FROM rejection_count GROUP BY reason ORDER BY reason',
    );
    return Object.fromEntries(found.rows.map(({ reason, count }) => [reason, count])) as Record<string, number>;
  };

  it('stores a reading with everything in it, and the state of the lamp', async () => {
    const time = new Date().toISOString();
    const reading = {
      lamp: 'L-100',
      time,
      sequence: 4711,
      lightLevelPercent: 70,
      activePowerW: 41.5,
      supplyVoltageV: 231.4,
      supplyCurrentA: 0.189,
      powerFactor: 0.95,
      activeEnergyWh: 183_250.5,
      operatingHours: 4012.25,
      switchOnCount: 812,
      temperatureC: 34,
      events: ['highTemperature', 'dimmingFailure'],
    };
    await publish('L-100/telemetry', { v: 1, readings: [reading] });
    await waitFor('the row', async () => (await stored()) === 1);
    const expected = {
      lamp_id: 101,
      time: new Date(time),
      sequence: '4711',
      light_level_percent: 70,
      active_power_w: 41.5,
      supply_voltage_v: 231.4,
      supply_current_a: 0.189,
      power_factor: 0.95,
      active_energy_wh: 183_250.5,
      operating_hours: 4012.25,
      switch_on_count: '812',
      temperature_c: 34,
      events: ['highTemperature', 'dimmingFailure'],
    };
    expect((await pool.query('SELECT * FROM telemetry')).rows).toEqual([expect.objectContaining(expected)]);
    expect((await pool.query('SELECT * FROM lamp_state')).rows).toEqual([expect.objectContaining(expected)]);
  });

  it('takes numbers that are too small for the database for nothing, with all that comes with them', async () => {
    const time = new Date().toISOString();
    await publish('GW-1/telemetry', {
      v: 1,
      readings: [
        {
          lamp: 'L-1',
          time,
          lightLevelPercent: 1e-300,
          activePowerW: 1e-45,
          powerFactor: -1e-300,
          activeEnergyWh: 5e-324,
        },
        { lamp: 'L-2', time, activePowerW: 41.5 },
      ],
    });
    await waitFor('both rows', async () => (await stored()) === 2);
    expect((await pool.query('SELECT * FROM telemetry ORDER BY lamp_id')).rows).toMatchObject([
      { light_level_percent: 0, active_power_w: 0, power_factor: 0, active_energy_wh: 0 },
      { active_power_w: 41.5 },
    ]);
    expect(await rejections()).toEqual({});
  });

  it('keeps the newest reading as state when an older one comes late, and one reading per instant', async () => {
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
    const newest = at(1);
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: newest, activePowerW: 40 }] });
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: at(30), activePowerW: 10 }] });
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: newest, activePowerW: 99 }] });
    await waitFor('two rows', async () => (await stored()) === 2);
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: at(20) }] });
    await waitFor('three rows', async () => (await stored()) === 3);
    expect((await pool.query('SELECT active_power_w FROM lamp_state')).rows).toEqual([{ active_power_w: 40 }]);
  });

  it('takes for the newest what a device says whose clock was put back or put right, and not what it had kept', async () => {
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
    let sent = 0;
    const says = async (sentAt: string | undefined, time: string, activePowerW: number) => {
      await publish('L-100/telemetry', { v: 1, sentAt, readings: [{ lamp: 'L-100', time, activePowerW }] });
      sent += 1;
      await waitFor(`row ${sent}`, async () => (await stored()) === sent);
      return (
        await pool.query(
          'SELECT active_power_w AS "powerW", round(clock_offset_s / 60)::int AS "offMin", received_at FROM lamp_state',
        )
      ).rows[0];
    };
    expect(await says(at(0), at(0.5), 1)).toMatchObject({ powerW: 1, offMin: 0 });
    expect(await says(at(0), at(45), 2)).toMatchObject({ powerW: 1, offMin: 0 });
    expect(await says(at(-120), at(-120), 3)).toMatchObject({ powerW: 3, offMin: 120 });
    expect(await says(at(20), at(20), 4)).toMatchObject({ powerW: 4, offMin: -20 });
    const last = await says(at(0), at(0), 5);
    expect(last).toMatchObject({ powerW: 5, offMin: 0 });
    // A device that does not say what its clock shows: its reading may be an old one, but it has been heard.
    const unsaid = await says(undefined, at(20), 6);
    expect(unsaid).toMatchObject({ powerW: 5 });
    expect(unsaid.received_at.getTime()).toBeGreaterThan(last.received_at.getTime());
    expect(await says(undefined, at(-60), 7)).toMatchObject({ powerW: 7, offMin: null });
    expect(await says(undefined, at(0), 8)).toMatchObject({ powerW: 8, offMin: null });
  });

  it('stores what a gateway says of its lamps, and rejects what it says of others, with a sample for the operator', async () => {
    const time = new Date().toISOString();
    await publish('GW-1/telemetry', {
      v: 1,
      readings: ['L-1', 'L-2', 'L-500', 'L-nobody'].map((lamp) => ({ lamp, time })),
    });
    await publish('GW-1/telemetry', 'garbage');
    await publish('L-1/telemetry', { v: 1, readings: [{ lamp: 'L-1', time: '2026-01-01T00:00:00Z' }] });
    await waitFor('rejections', async () => Object.keys(await rejections()).length === 3);
    expect(await stored()).toBe(2);
    expect(await rejections()).toEqual({ malformedJson: 1, unknownLamp: 1, wrongDevice: 2 });
    const samples = await pool.query(
      `SELECT topic, detail, payload FROM rejected_message WHERE reason = 'malformedJson'`,
    );
    expect(samples.rows).toEqual([
      { topic: 'felinar/v1/oulu/GW-1/telemetry', detail: expect.any(String), payload: Buffer.from('garbage') },
    ]);
  });

  it('takes a lamp that has just been added to the inventory', async () => {
    const reading = { v: 1, readings: [{ lamp: 'L-new', time: new Date().toISOString() }] };
    await publish('L-new/telemetry', reading);
    await waitFor('the rejection', async () => (await rejections())['unknownLamp'] === 1);
    await pool.query(
      `INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude) VALUES (1, 'L-new', 'L-new', 1, 65, 25)`,
    );
    await publish('L-new/telemetry', reading);
    await waitFor('the row', async () => (await stored()) === 1);
    await pool.query(`UPDATE lamp SET removed_at = now() WHERE address = 'L-new'`);
    // The cache forgets by a notification, which takes a moment.
    await waitFor('the removal to be noticed', async () => {
      await publish('L-new/telemetry', { v: 1, readings: [{ lamp: 'L-new', time: new Date().toISOString() }] });
      return ((await rejections())['unknownLamp'] ?? 0) >= 2;
    });
    await pool.query(`DELETE FROM lamp WHERE address = 'L-new'`);
  });

  it('records events once and statuses, the last will included', async () => {
    const event = { v: 1, time: new Date().toISOString(), lamp: 'L-1', event: 'lampFailure', active: true };
    await publish('GW-1/event', event);
    await publish('GW-1/event', event);
    await publish('GW-1/status', { v: 1, online: true, firmware: '4.2', reportingIntervalS: 300 });
    await publish('GW-1/status', { v: 1, online: false });
    await waitFor('offline', async () => (await pool.query('SELECT FROM device WHERE NOT online')).rowCount === 1);
    expect((await pool.query('SELECT lamp_id, event FROM device_event')).rows).toEqual([
      { lamp_id: 2, event: 'lampFailure' },
    ]);
    expect((await pool.query('SELECT address, firmware, reporting_interval_s FROM device')).rows).toEqual([
      { address: 'GW-1', firmware: '4.2', reporting_interval_s: 300 },
    ]);
  });

  it('goes on when the database refuses one message for good', async () => {
    // A constraint stands in for whatever data the database might refuse.
    await pool.query('ALTER TABLE telemetry ADD CONSTRAINT no_minus CHECK (temperature_c > -50)');
    const time = new Date().toISOString();
    const messages = Array.from({ length: 50 }, (_, n) => ({
      lamp: `L-${100 + n}`,
      time,
      temperatureC: n === 17 ? -55 : 20,
    }));
    await Promise.all(messages.map((reading) => publish(`${reading.lamp}/telemetry`, { v: 1, readings: [reading] })));
    await waitFor('all but one', async () => (await stored()) === 49);
    expect(await rejections()).toEqual({ storageRefused: 1 });
    await pool.query('ALTER TABLE telemetry DROP CONSTRAINT no_minus');
  });

  it('loses nothing and doubles nothing when it is killed in mid-load', async () => {
    const startMs = Date.now() - 3_600_000;
    const count = 30_000;
    const load = publishLoad({
      host: broker.host,
      port: broker.port,
      count,
      inFlight: 200,
      topicOf: (index) => `felinar/v1/oulu/L-${100 + (index % 900)}/telemetry`,
      payloadOf: (index) =>
        JSON.stringify({
          v: 1,
          readings: [
            { lamp: `L-${100 + (index % 900)}`, time: new Date(startMs + index * 100).toISOString(), sequence: index },
          ],
        }),
    });
    let kills = 0;
    let isDone = false;
    const killing = (async () => {
      while (!isDone && kills < 5) {
        await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
        await ingest.kill();
        kills += 1;
        ingest.start();
        await waitFor('ingest to come back', () => ingest.isConnected, 20_000);
      }
    })();
    await load;
    isDone = true;
    await killing;
    await waitFor('every reading', async () => (await stored()) >= count, 30_000);
    const found = await pool.query(
      'SELECT count(*)::int AS n, count(DISTINCT sequence)::int AS different FROM telemetry',
    );
    expect(found.rows).toEqual([{ n: count, different: count }]);
    expect(await rejections()).toEqual({});
    expect(kills).toBeGreaterThan(0);
  });

  it('does not take what waited in the broker over a weekend for a clock that is off', async () => {
    await ingest.stop();
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: hoursAgo(50) }] });
    await publish('L-101/telemetry', { v: 1, readings: [{ lamp: 'L-101', time: hoursAgo(90) }] });
    // Ingest was last seen caught up 60 hours ago.
    await pool.query(`
      INSERT INTO ingest_presence (consumer, connected_until) VALUES ('felinar-ingest', now() - INTERVAL '60 hours')
      ON CONFLICT (consumer) DO UPDATE SET connected_until = excluded.connected_until`);
    ingest.start();
    await waitFor('the rejection of the other', async () => (await rejections())['clockOff'] === 1, 20_000);
    expect((await pool.query('SELECT lamp_id FROM telemetry')).rows).toEqual([{ lamp_id: 101 }]);
    await pool.query('TRUNCATE ingest_presence');
  });

  it('goes on by itself when the database was away', async () => {
    const time = () => new Date().toISOString();
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: time() }] });
    await waitFor('the first', async () => (await stored()) === 1);
    // Every connection of ingest is cut, and none is let in for a while.
    const name = new URL(database.url).pathname.slice(1);
    await pool.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`).catch(() => undefined);
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
      [name],
    );
    await publish('L-100/telemetry', { v: 1, readings: [{ lamp: 'L-100', time: time() }] });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await pool.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    await waitFor('the second', async () => (await stored()) === 2);
  });
});

describe('a foreign client', () => {
  it('with mosquitto_pub is stored', async () => {
    const database = await testDatabase();
    const pool = createPool(database.url, 2);
    await insertSmallCity(pool, 200);
    const broker = await testBroker('mosquitto');
    const ingest = new RoleProcess('ingest', database.url, broker);
    ingest.start();
    await waitFor('ingest to connect', () => ingest.isConnected, 20_000);
    const message = JSON.stringify({
      v: 1,
      readings: [{ lamp: 'L-150', time: new Date().toISOString(), activePowerW: 12.5 }],
    });
    if (broker.pubPath === undefined) throw new Error('mosquitto_pub is missing: install mosquitto-clients');
    const options = [
      '-h',
      broker.host,
      '-p',
      String(broker.port),
      '-q',
      '1',
      '-t',
      'felinar/v1/oulu/L-150/telemetry',
      '-m',
      message,
    ];
    await promisify(execFile)(broker.pubPath, options);
    await waitFor(
      'the row',
      async () => (await pool.query('SELECT FROM telemetry WHERE active_power_w = 12.5')).rowCount === 1,
    );
    await ingest.stop();
    await broker.stop();
    await pool.end();
    await database.drop();
  });
});
