import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/services';
import { createPool, type Pool } from '#libs/storage';
import { ProductionBroker, RoleProcess, testDatabase, waitFor, type TestDatabase } from '#libs/testing';

const LAMPS = 40;

/** What the profile sim of docker-compose.yml runs: the same programs with the same arguments, and the broker with its own files. */
describe('a simulated city at the production broker', () => {
  let database: TestDatabase;
  let pool: Pool;
  let broker: ProductionBroker;
  let roles: RoleProcess[];
  let apiUrl: string;
  let keep: string;
  let simulator: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool(database.url, 2);
    broker = await ProductionBroker.start();
    keep = await mkdtemp(join(tmpdir(), 'felinar-simulator-'));
    const port = await freePort();
    apiUrl = `http://127.0.0.1:${port}`;
    const own = { url: broker.ownUrl, protocolVersion: 5 as const };
    const role = (name: 'api' | 'ingest' | 'control', environment: Record<string, string>) =>
      new RoleProcess(name, database.url, own, {
        FELINAR_MQTT_CA_FILE: broker.secretPath('mqtt_ca_certificate'),
        ...(name === 'api'
          ? {}
          : {
              FELINAR_MQTT_USERNAME: `felinar-${name}`,
              FELINAR_MQTT_PASSWORD_FILE: broker.secretPath(`mqtt_${name}_password`),
            }),
        ...environment,
      });
    roles = [
      role('ingest', {}),
      role('control', { FELINAR_BROKER_PASSWORDS_PATH: broker.passwordsPath }),
      role('api', { FELINAR_HTTP_PORT: String(port) }),
    ];
    for (const each of roles) each.start();
  }, 60_000);

  afterAll(async () => {
    simulator?.kill('SIGKILL');
    for (const each of roles) await each.stop();
    await broker.stop();
    await pool.end();
    await database.drop();
    await rm(keep, { recursive: true, force: true });
  });

  function simulate(): void {
    output = '';
    const child = fork(
      join(process.cwd(), 'dist/simulators/src/main.js'),
      [
        ...['--broker', broker.deviceUrl, '--ca', broker.secretPath('mqtt_ca_certificate')],
        ...['--api', apiUrl, '--keep', keep, '--lamps', String(LAMPS), '--interval', '10'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] },
    );
    child.stdout?.on('data', (chunk) => (output += String(chunk)));
    child.stderr?.on('data', (chunk) => (output += String(chunk)));
    simulator = child;
  }

  async function stop(): Promise<void> {
    const ended = once(simulator as ChildProcess, 'exit');
    simulator?.kill('SIGTERM');
    await ended;
  }

  const number = async (sql: string) => Number((await pool.query<{ n: string }>(`SELECT ${sql} AS n`)).rows[0]?.n);
  const heard = () => number('(SELECT count(DISTINCT lamp_id) FROM telemetry)');
  const rows = () => number('(SELECT count(*) FROM telemetry)');
  const changes = async () =>
    (await pool.query('SELECT device, changed_at FROM device_credential ORDER BY device')).rows;
  const kept = async () => JSON.parse(await readFile(join(keep, 'passwords.json'), 'utf8')) as Record<string, unknown>;

  it('waits for the API, makes itself known, gets a password for every device, and all lamps are heard', async () => {
    simulate();
    await waitFor('every lamp', async () => (await heard().catch(() => 0)) === LAMPS, 60_000);
    expect(output).toContain(`${LAMPS} lamps in 1 cabinets, imported through the API.`);
    const devices = await number('(SELECT count(DISTINCT device) FROM lamp)');
    expect(await changes()).toHaveLength(devices);
    expect(Object.keys(await kept())).toHaveLength(devices);
    for (const name of ['passwords.json', 'fleet.json'])
      expect({ name, mode: (await stat(join(keep, name))).mode & 0o777 }).toEqual({ name, mode: 0o600 });
  }, 90_000);

  it('goes on after a restart with the passwords and the registers that it had', async () => {
    const before = await changes();
    await stop();
    const stored = await rows();
    simulate();
    await waitFor('more readings', async () => (await rows()) >= stored + LAMPS, 60_000);
    expect(output).toContain('known to Felinar already');
    expect(await changes()).toEqual(before);
    expect(
      await number(
        `(SELECT count(*) FROM (SELECT active_energy_wh - lag(active_energy_wh) OVER (PARTITION BY lamp_id ORDER BY time) AS grown FROM telemetry) AS t WHERE grown < 0)`,
      ),
    ).toBe(0);
  }, 90_000);

  it('asks for a new password where somebody else has renewed one', async () => {
    await stop();
    const [device] = Object.keys(await kept());
    const path = `${apiUrl}/api/v1/sites/botosani/devices/${device}/credentials/password`;
    expect((await fetch(path, { method: 'POST' })).status).toBe(200);
    const before = (await kept())[device ?? ''];
    simulate();
    await waitFor(
      'another password',
      async () => JSON.stringify((await kept())[device ?? '']) !== JSON.stringify(before),
    );
    const stored = await rows();
    await waitFor(
      'all of them connected',
      () => /(\d+) of \1 devices connected/.test(output.slice(output.lastIndexOf('Z  '))),
      60_000,
    );
    await waitFor('more readings', async () => (await rows()) > stored, 60_000);
    await stop();
  }, 120_000);
});
