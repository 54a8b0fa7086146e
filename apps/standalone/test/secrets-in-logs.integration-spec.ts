import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signLink } from '#libs/alerts';
import { hashPassword } from '#libs/identity';
import { freePort } from '#libs/services';
import { createFirstAdministrator, createPool, type Pool } from '#libs/storage';
import { RoleProcess, testBroker, testDatabase, waitFor, type TestBroker, type TestDatabase } from '#libs/testing';
import mqtt from 'mqtt';
import { SMTPServer } from 'smtp-server';

/** Everything that a run of Felinar holds secret, by what it is. */
const secrets = new Map<string, string>();
function secret(what: string, value = `S${randomBytes(12).toString('hex')}`): string {
  secrets.set(what, value);
  return value;
}

const ROLE = `felinar_${randomBytes(6).toString('hex')}`;
const EVERYTHING = 50_000_000;
const NOWHERE = 'postgres://felinar:PASSWORD@127.0.0.1:1/felinar';

let database: TestDatabase;
let broker: TestBroker;
let pool: Pool;
let mail: SMTPServer;
let directory: string;
const processes: RoleProcess[] = [];

function start(
  role: 'api' | 'ingest' | 'control' | 'monitor',
  url: string,
  brokerUrl: string,
  settings: Record<string, string> = {},
): RoleProcess {
  const at = { url: brokerUrl, protocolVersion: 5 } as const;
  const process = new RoleProcess(role, url, at, { FELINAR_LOG_LEVEL: 'trace', ...settings }, EVERYTHING);
  processes.push(process);
  process.start();
  return process;
}

beforeAll(async () => {
  database = await testDatabase();
  broker = await testBroker('mosquitto');
  pool = createPool(database.url, 2);
  directory = await mkdtemp(join(tmpdir(), 'felinar-secrets-'));
  await chmod(directory, 0o755);
  // A mail server that believes nobody.
  mail = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _, answer) => answer(new Error(`535 ${username}:${password} is wrong`)),
  });
  mail.on('error', () => undefined);
  mail.listen(0, '127.0.0.1');
  await once(mail.server, 'listening');
});

afterAll(async () => {
  for (const process of processes) await process.kill();
  await new Promise<void>((resolve) => mail.close(() => resolve()));
  await broker.stop();
  await pool.query(`DROP ROLE IF EXISTS ${ROLE}`).catch(() => undefined);
  await pool.end();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

it('no secret stands in what the processes write, whatever they do and fail to do, at the most talkative level', async () => {
  const url = new URL(database.url);
  url.username = ROLE;
  url.password = secret('password of the database');
  await pool.query(`CREATE ROLE ${ROLE} LOGIN SUPERUSER PASSWORD '${url.password}'`);
  const settings = {
    FELINAR_MQTT_USERNAME: 'felinar',
    FELINAR_MQTT_PASSWORD: secret('password at the broker'),
    FELINAR_SMTP_URL: `smtp://felinar:${secret('password at the mail server')}@127.0.0.1:${(mail.server.address() as AddressInfo).port}`,
    FELINAR_LINK_SECRET: secret('secret of links', randomBytes(24).toString('hex')),
    FELINAR_WEBHOOK_ALLOW_PRIVATE: 'true',
    FELINAR_PUBLIC_URL: 'https://felinar.example',
  };
  const port = await freePort();
  const first = secret('password of the first user', 'a sentence of the first one');
  await createFirstAdministrator(
    pool,
    { username: 'admin', name: 'A', passwordHash: await hashPassword(first) },
    Date.now(),
  );
  const api = start('api', url.href, broker.url, { ...settings, FELINAR_HTTP_PORT: String(port) });
  const ingest = start('ingest', url.href, broker.url, settings);
  const control = start('control', url.href, broker.url, {
    ...settings,
    FELINAR_BROKER_PASSWORDS_PATH: join(directory, 'passwords'),
  });
  const monitor = start('monitor', url.href, broker.url, settings);
  const root = `http://127.0.0.1:${port}/api/v1`;
  await waitFor(
    'the API',
    () =>
      fetch(`${root}/me`).then(
        ({ status }) => status === 401,
        () => false,
      ),
    60_000,
  );
  await waitFor('the broker', () => ingest.isConnected && control.isConnected, 60_000);

  let authorization = '';
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${root}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(authorization === '' ? {} : { authorization }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON
    return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : undefined) as any };
  };
  const signIn = async (password: string) => {
    const { status, body } = await ask('POST', '/sessions', { username: 'admin', password });
    expect(status).toBe(201);
    authorization = `Bearer ${secret(`access token ${secrets.size}`, body.accessToken)}`;
    return secret(`refresh token ${secrets.size}`, body.refreshToken);
  };

  // Signing in: well, badly, with broken JSON, with a token in the wrong place; refreshing; another password.
  await signIn(first);
  const chosen = secret('password of one’s choice', 'another sentence that is long');
  expect((await ask('PUT', '/me/password', { currentPassword: first, newPassword: chosen })).status).toBe(204);
  const refreshToken = await signIn(chosen);
  const wrong = secret('wrong password');
  expect((await ask('POST', '/sessions', { username: 'admin', password: wrong })).status).toBe(401);
  expect(
    (await ask('POST', '/sessions', `{"username":"admin","password":"${secret('password in broken JSON')}"`)).status,
  ).toBe(400);
  expect((await ask('POST', '/sessions', `{"password":${secret('password without quotes')}}`)).status).toBe(400);
  const refreshed = (await ask('POST', '/sessions/refresh', { refreshToken })).body;
  authorization = `Bearer ${secret('access token after refresh', refreshed.accessToken)}`;
  secret('refresh token after refresh', refreshed.refreshToken);
  const key = secret(
    'API key',
    (await ask('POST', '/me/api-keys', { name: 'k', expiresInDays: 1, grants: [{ role: 'administrator' }] })).body.key,
  );
  expect((await ask('GET', '/sites', undefined, { authorization: '', 'x-api-key': key })).status).toBeLessThan(500);
  expect((await ask('GET', `/sites?key=${key}`)).status).toBe(400);
  expect((await ask('GET', `/sites/${key}`)).status).toBe(404);
  expect((await ask('GET', '/me', undefined, { authorization: `Basic ${secret('basic credentials')}` })).status).toBe(
    401,
  );
  const user = await ask('POST', '/users', { username: 'maria', name: 'M', grants: [] });
  secret('temporary password', user.body.temporaryPassword);

  // A device, a crew, what has to be said twice.
  expect(
    (
      await ask('POST', '/sites', {
        address: 'BT',
        name: 'B',
        timeZone: 'Europe/Bucharest',
        latitude: 47.7,
        longitude: 26.7,
      })
    ).status,
  ).toBe(201);
  await ask('POST', '/lamp-types', { code: 'LED', name: 'LED', technology: 'LED', ratedPowerW: 50 });
  await ask('POST', '/sites/BT/lamps', { address: 'L-1', lampType: 'LED', latitude: 47.7, longitude: 26.7 });
  const device = await ask('POST', '/sites/BT/devices/L-1/credentials');
  expect(device.status).toBe(201);
  secret('password of a device', device.body.password);
  const publisher = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  const reading = { lamp: 'L-1', time: new Date().toISOString(), activePowerW: 41.5 };
  await publisher.publishAsync('felinar/v1/BT/L-1/telemetry', JSON.stringify({ v: 1, readings: [reading] }), {
    qos: 1,
  });
  await publisher.endAsync();
  await waitFor('a word of ingest', () => ingest.log.includes('"level":20'), 30_000);
  const dark = { target: { kind: 'site' }, levelPercent: 0, expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  const asked = await ask('POST', '/sites/BT/overrides', dark);
  expect(asked.status).toBe(428);
  const confirmation = secret('confirmation', asked.body.confirmation);
  expect((await ask('POST', '/sites/BT/overrides', dark, { 'felinar-confirmation': confirmation })).status).toBe(202);
  await ask('POST', '/sites/BT/crews', { address: 'NORTH', name: 'North' });
  const channels = '/sites/BT/crews/NORTH/channels';
  const target = `http://127.0.0.1:1/hooks/${secret('secret in the URL of a webhook')}`;
  const webhook = await ask('POST', channels, { kind: 'webhook', target });
  expect(webhook.status).toBe(201);
  secret('secret of a webhook', webhook.body.secret);
  const email = await ask('POST', channels, { kind: 'email', target: 'crew@felinar.example' });
  for (const { id } of [webhook.body, email.body])
    expect((await ask('POST', `${channels}/${id}/test`)).status).toBe(202);
  const tried = () => monitor.log.match(/delivery tried/g)?.length ?? 0;
  await waitFor('both to be tried', () => tried() >= 2, 30_000);
  const link = secret(
    'link in a message',
    signLink(settings.FELINAR_LINK_SECRET, {
      deliveryId: email.body.id,
      faultId: '1',
      expiresAtMs: Date.now() + 60_000,
    }),
  );
  expect((await ask('GET', `/acknowledge/${link}`)).status).toBe(404);
  expect((await ask('POST', `/acknowledge/${link}`, {}, { referer: `${root}/acknowledge/${link}` })).status).toBe(404);

  // The database goes away in the midst of it, fails a route, and is not there at all for others; nor is the broker.
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await pool
    .query('ALTER TABLE lamp_type RENAME TO lamp_type_gone')
    .catch(() => pool.query('ALTER TABLE lamp_type RENAME TO lamp_type_gone'));
  expect(
    (
      await waitFor(
        'a failure',
        async () => {
          const answer = await ask('POST', '/lamp-types', {
            code: 'X',
            name: 'LED',
            technology: 'LED',
            ratedPowerW: 50,
          });
          return answer.status === 500 && answer;
        },
        30_000,
      )
    ).status,
  ).toBe(500);
  const away = NOWHERE.replace('PASSWORD', secret('password of a database that is away'));
  const lost = [
    start('api', away, 'mqtt://127.0.0.1:1', settings),
    start('ingest', url.href, `mqtt://u:${secret('password in the URL of a broker that is away')}@127.0.0.1:1`),
    // What is no setting is named, and not shown.
    start('monitor', `notpostgres://u:${secret('password in a URL that is none')}@h/d`, 'mqtt://127.0.0.1:1', {
      FELINAR_SMTP_URL: `ftp://u:${secret('password in a mail URL that is none')}@h`,
      FELINAR_LINK_SECRET: secret('link secret that is too short', 'tooshort-9f2'),
    }),
  ];
  await waitFor('them to say so', () => lost.every((process) => /ECONNREFUSED|must be/.test(process.log)), 30_000);
  await delay(1_000);
  for (const process of [api, ingest, control, monitor]) await process.stop();

  const said = processes.map((process) => process.log).join('\n');
  // Of silence nothing would stand in it.
  for (const word of [
    'request completed',
    '/api/v1/sessions',
    'delivery tried',
    'lamp_type',
    'ECONNREFUSED',
    '"level":20',
  ])
    expect([word, said.includes(word)]).toEqual([word, true]);
  expect(secrets.size).toBeGreaterThan(25);
  const forms = (value: string) => [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1),
  ];
  const found = [...secrets].flatMap(([what, value]) => {
    const form = forms(value).find((each) => said.includes(each));
    return form === undefined
      ? []
      : [
          `${what}: ${said
            .split('\n')
            .find((line) => line.includes(form))
            ?.slice(0, 600)}`,
        ];
  });
  expect(found).toEqual([]);
}, 180_000);
