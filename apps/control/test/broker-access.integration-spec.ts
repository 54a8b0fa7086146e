import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { brokerUsername, topicFilter, topicOf } from '#libs/protocol';
import {
  createDeviceCredentials,
  createPool,
  renewDeviceCredential,
  revokeDeviceCredential,
  type Pool,
} from '#libs/storage';
import { ProductionBroker, RoleProcess, testDatabase, waitFor, type TestDatabase } from '#libs/testing';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

const SITE = { id: 1, address: 'oulu' };
const DEVICES = ['GW-1', 'L-2', 'L-3'] as const;

/** The broker with its production configuration, credentials from the database, and control between them. */
describe('devices at the broker', () => {
  let database: TestDatabase;
  let pool: Pool;
  let broker: ProductionBroker;
  let control: RoleProcess;
  let ca: string;
  const passwords = new Map<string, string>();
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 3);
    await pool.query(`
      INSERT INTO site (address, name, time_zone, latitude, longitude) VALUES ('oulu', 'Oulu', 'Europe/Helsinki', 65, 25);
      INSERT INTO lamp_type (code, name, technology, rated_power_w, standby_power_w, dimmable, min_level_percent)
        VALUES ('LED', 'LED', 'LED', 57, 0.4, true, 10);
      INSERT INTO lamp (site_id, address, device, lamp_type_id, latitude, longitude)
        SELECT 1, d, d, 1, 65, 25 FROM unnest('{GW-1,L-2,L-3}'::text[]) AS d`);
    broker = await ProductionBroker.start();
    ca = await broker.secret('mqtt_ca_certificate');
    control = new RoleProcess(
      'control',
      database.url,
      { url: broker.ownUrl, protocolVersion: 5 },
      {
        FELINAR_MQTT_USERNAME: 'felinar-control',
        FELINAR_MQTT_PASSWORD_FILE: broker.secretPath('mqtt_control_password'),
        FELINAR_MQTT_CA_FILE: broker.secretPath('mqtt_ca_certificate'),
        FELINAR_BROKER_PASSWORDS_PATH: broker.passwordsPath,
      },
    );
    control.start();
    for (const { device, password } of await createDeviceCredentials(pool, SITE, DEVICES, Date.now()))
      passwords.set(device, password);
    await waitFor('control to connect over TLS', () => control.isConnected, 20_000);
    await waitFor('the broker to know the devices', () => letIn('L-3'));
  });

  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await control.stop();
    await broker.stop();
    await pool.end();
    await database.drop();
  });

  async function connect(url: string, username: string, password: string, options: IClientOptions = {}) {
    const settings = { ca, username, password, reconnectPeriod: 0, connectTimeout: 5_000, protocolVersion: 5 as const };
    const client = await mqtt.connectAsync(url, { ...settings, ...options });
    clients.push(client);
    return client;
  }

  const asDevice = (device: string, options: IClientOptions = {}) =>
    connect(broker.deviceUrl, brokerUsername('oulu', device), passwords.get(device) ?? '', options);
  const asProcess = async (name: string) =>
    connect(broker.ownUrl, `felinar-${name}`, await broker.secret(`mqtt_${name}_password`));

  async function letIn(device: string, options: IClientOptions = {}): Promise<boolean> {
    const client = await asDevice(device, options).catch(() => undefined);
    await client?.endAsync();
    return client !== undefined;
  }

  /** Messages of a client, by topic. */
  async function listen(client: MqttClient, filter: string): Promise<string[]> {
    const topics: string[] = [];
    client.on('message', (topic, payload) => topics.push(`${topic} ${payload.toString()}`));
    await client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
    return topics;
  }

  /** Reason code of the PUBACK: 0 and 16 (nobody listens) are taken, 135 is not authorized. */
  async function publish(client: MqttClient, topic: string, payload = 'x', retain = false): Promise<number> {
    try {
      const packet = await client.publishAsync(topic, payload, { qos: 1, retain });
      return (packet as { reasonCode?: number } | undefined)?.reasonCode ?? 0;
    } catch (error) {
      return (error as { code?: number }).code ?? -1;
    }
  }

  it('say what is theirs to say, and ingest hears it', async () => {
    const heard = await listen(await asProcess('ingest'), topicFilter('telemetry'));
    const device = await asDevice('GW-1');
    expect([0, 16]).toContain(await publish(device, topicOf('oulu', 'GW-1', 'telemetry'), 'mine'));
    await waitFor('ingest to hear it', () => heard.length > 0);
    expect(heard).toEqual(['felinar/v1/oulu/GW-1/telemetry mine']);
  });

  it('can say nothing on the topics of others, on their own that the server speaks on, or anywhere else', async () => {
    const ingest = await asProcess('ingest');
    const heard = await listen(ingest, topicFilter('telemetry'));
    const device = await asDevice('L-2');
    const refused = [
      topicOf('oulu', 'GW-1', 'telemetry'),
      topicOf('oulu', 'L-2', 'command'),
      topicOf('oulu', 'L-2', 'program'),
      topicOf('bergen', 'L-2', 'telemetry'),
      'felinar/v1/oulu/L-2/telemetry/more',
      '$SYS/broker/uptime',
      'anything',
    ];
    for (const topic of refused) expect([topic, await publish(device, topic)]).toEqual([topic, 135]);
    await publish(device, topicOf('oulu', 'L-2', 'telemetry'), 'last');
    await waitFor('what is allowed', () => heard.length > 0);
    expect(heard).toEqual(['felinar/v1/oulu/L-2/telemetry last']);
  });

  it('hear what is for them, and nothing that is for or from others, retained or not', async () => {
    const sender = await asProcess('control');
    await publish(sender, topicOf('oulu', 'GW-1', 'program'), 'retained for GW-1', true);
    const device = await asDevice('L-2');
    const heard = await listen(device, '#');
    for (const filter of [
      'felinar/v1/oulu/GW-1/#',
      'felinar/v1/+/+/telemetry',
      '$share/g/felinar/v1/+/+/command',
      '$SYS/#',
    ])
      await listen(device, filter);
    await publish(sender, topicOf('oulu', 'GW-1', 'command'), 'for GW-1');
    await publish(await asDevice('GW-1'), topicOf('oulu', 'GW-1', 'telemetry'), 'from GW-1');
    await publish(sender, topicOf('oulu', 'L-2', 'command'), 'for L-2');
    await waitFor('its own command', () => heard.length > 0);
    expect(new Set(heard)).toEqual(new Set(['felinar/v1/oulu/L-2/command for L-2']));
    await publish(sender, topicOf('oulu', 'GW-1', 'program'), '', true);
  });

  it('cannot take over the session of another by its client id', async () => {
    const victim = await asDevice('GW-1', { clientId: 'one-id' });
    const intruder = await asDevice('L-2', { clientId: 'one-id' });
    expect([0, 16]).toContain(await publish(victim, topicOf('oulu', 'GW-1', 'status')));
    expect([0, 16]).toContain(await publish(intruder, topicOf('oulu', 'L-2', 'status')));
    expect(victim.connected).toBe(true);
  });

  it('are refused with a wrong password, another’s password, none, or a user name that is a wildcard', async () => {
    const right = passwords.get('GW-1') ?? '';
    for (const [username, password] of [
      ['oulu/GW-1', 'wrong'],
      ['oulu/GW-1', passwords.get('L-2') ?? ''],
      ['oulu/GW-1', ''],
      ['oulu/NOBODY', right],
      ['+/+', right],
      ['#', right],
    ] as const)
      await expect(connect(broker.deviceUrl, username, password)).rejects.toThrow(/[Nn]ot authorized|Bad (user|User)/);
    await expect(
      mqtt.connectAsync(broker.deviceUrl, { ca, reconnectPeriod: 0, protocolVersion: 5, connectTimeout: 5_000 }),
    ).rejects.toThrow();
  });

  it('find TLS only: plain MQTT gets no answer, and a certificate of another authority is not believed', async () => {
    for (const port of [broker.devicePort, broker.ownPort])
      await expect(
        mqtt.connectAsync(`mqtt://localhost:${port}`, {
          username: 'oulu/GW-1',
          password: passwords.get('GW-1') ?? '',
          reconnectPeriod: 0,
          connectTimeout: 1_000,
        }),
      ).rejects.toThrow();
    const other = `${broker.secretPath('')}other`;
    await promisify(execFile)(process.execPath, ['scripts/secrets.mjs', '--directory', other]);
    const stranger = await readFile(`${other}/mqtt_ca_certificate`, 'utf8');
    await rm(other, { recursive: true });
    await expect(asDevice('GW-1', { ca: stranger })).rejects.toThrow(/certificate/);
    await expect(connect(broker.deviceUrl.replace('localhost', 'wrong.localhost'), 'x', 'y')).rejects.toThrow(
      /altnames|ENOTFOUND|EAI_AGAIN/,
    );
    const conf = await readFile('deploy/mosquitto/mosquitto.conf', 'utf8');
    const listeners = conf.split(/^listener /m).slice(1);
    expect(listeners.map((part) => /^certfile \/run/m.test(part) && /^keyfile \/run/m.test(part))).toEqual([
      true,
      true,
    ]);
    expect(conf).not.toMatch(/allow_anonymous true|^port /m);
  });

  it('are cut off when they say more than the contract allows', async () => {
    const device = await asDevice('L-2');
    const closed = new Promise<void>((resolve) => device.once('close', () => resolve()));
    device.on('error', () => undefined);
    device.publish(topicOf('oulu', 'L-2', 'telemetry'), 'x'.repeat(1_100_000), { qos: 1 }, () => undefined);
    await closed;
    expect(await letIn('L-2')).toBe(true);
  });

  it('are disconnected when their password is renewed, and come in with the new one', async () => {
    const device = await asDevice('L-2');
    device.on('error', () => undefined);
    const bystander = await asDevice('GW-1');
    const closed = new Promise<void>((resolve) => device.once('close', () => resolve()));
    const old = passwords.get('L-2') ?? '';
    passwords.set('L-2', (await renewDeviceCredential(pool, SITE, 'L-2', Date.now())).password);
    await closed;
    await expect(connect(broker.deviceUrl, 'oulu/L-2', old)).rejects.toThrow(/[Nn]ot authorized/);
    expect(await letIn('L-2')).toBe(true);
    expect(bystander.connected).toBe(true);
  });

  it('are disconnected when their credentials are revoked, and do not come in again', async () => {
    const device = await asDevice('L-3');
    device.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => device.once('close', () => resolve()));
    await revokeDeviceCredential(pool, SITE, 'L-3');
    await closed;
    expect(await letIn('L-3')).toBe(false);
  });

  it('come in while control is dead; a damaged file is mended when it is back', async () => {
    await control.kill();
    await broker.restart();
    expect(await letIn('L-2')).toBe(true);
    await writeFile(broker.passwordsPath, 'oulu/intruder:nonsense\n');
    await waitFor('the broker to take the damaged file', async () => !(await letIn('L-2')));
    control.start();
    await waitFor('control to mend it', () => letIn('L-2'), 60_000);
    expect(await letIn('L-3')).toBe(false);
  }, 120_000);
});
