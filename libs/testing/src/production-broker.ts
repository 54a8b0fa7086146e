import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianMosquitto, freePort, installedMosquitto } from '#libs/services';
import { TEST_SERVICES_DIRECTORY, testVariable } from './environment.js';
import { waitFor } from './wait-for.js';

/** The broker as docker-compose.yml runs it: the same configuration, ACL, entry point and secrets; only paths and ports are others. */
export class ProductionBroker {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    private readonly directory: string,
    private readonly program: string,
    /** Of the listener for devices. */
    readonly devicePort: number,
    /** Of the listener for Felinar's own processes. */
    readonly ownPort: number,
  ) {}

  /** Makes secrets with `npm run secrets`, and starts it. */
  static async start(): Promise<ProductionBroker> {
    const services = testVariable(TEST_SERVICES_DIRECTORY);
    const directory = await mkdtemp(join(services, 'production-broker-'));
    const programs = (await installedMosquitto()) ?? (await debianMosquitto(services, undefined));
    const [devicePort, ownPort] = [await freePort(), await freePort()];
    const broker = new ProductionBroker(directory, programs.mosquitto, devicePort, ownPort);
    await broker.prepare();
    await broker.run();
    return broker;
  }

  get deviceUrl(): string {
    return `mqtts://localhost:${this.devicePort}`;
  }

  get ownUrl(): string {
    return `mqtts://localhost:${this.ownPort}`;
  }

  /** Where control writes the devices' passwords. */
  get passwordsPath(): string {
    return join(this.directory, 'devices', 'passwords');
  }

  /** What it and its entry point have written. */
  get log(): string {
    return this.output;
  }

  secretPath(name: string): string {
    return join(this.directory, 'secrets', name);
  }

  secret(name: string): Promise<string> {
    return readFile(this.secretPath(name), 'utf8');
  }

  /** Stops it, as `docker stop` would, and starts it again. */
  async restart(): Promise<void> {
    await this.end();
    await this.run();
  }

  async stop(): Promise<void> {
    await this.end();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async prepare(): Promise<void> {
    for (const name of ['devices', 'data', 'run', 'config']) await mkdir(join(this.directory, name));
    await this.makeSecrets();
    const configuration = (await readFile('deploy/mosquitto/mosquitto.conf', 'utf8'))
      .replaceAll('/run/secrets/', `${this.directory}/secrets/`)
      .replaceAll('/mosquitto/', `${this.directory}/`)
      .replace(/^listener 8883$/m, `listener ${this.devicePort} 127.0.0.1`)
      .replace(/^listener 8884$/m, `listener ${this.ownPort} 127.0.0.1`);
    // A test that runs as root writes files that only root may read.
    const user = process.getuid?.() === 0 ? 'user root\n' : '';
    await writeFile(join(this.directory, 'config', 'mosquitto.conf'), user + configuration);
    await writeFile(join(this.directory, 'config', 'acl'), await readFile('deploy/mosquitto/acl'));
  }

  private async run(): Promise<void> {
    const child = spawn('sh', [join(process.cwd(), 'deploy/mosquitto/entrypoint.sh')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.directory,
      env: {
        PATH: process.env['PATH'],
        FELINAR_BROKER_ACL: join(this.directory, 'config', 'acl'),
        FELINAR_BROKER_OWN_PASSWORDS: this.secretPath('mqtt_own_passwords'),
        FELINAR_BROKER_CERTIFICATE: this.secretPath('mqtt_server_certificate'),
        FELINAR_BROKER_DEVICE_PASSWORDS: this.passwordsPath,
        FELINAR_BROKER_JOINED_PASSWORDS: join(this.directory, 'run', 'passwords'),
        FELINAR_BROKER_CONFIGURATION: join(this.directory, 'config', 'mosquitto.conf'),
        FELINAR_BROKER_PROGRAM: this.program,
        FELINAR_BROKER_LOOK_EVERY_S: '0.1',
      },
    });
    this.child = child;
    const keep = (chunk: Buffer) => (this.output = (this.output + String(chunk)).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const ready = async () => {
      if (child.exitCode !== null) throw new Error(`the broker has ended (${child.exitCode}): ${this.output}`);
      return (await answers(this.devicePort)) && (await answers(this.ownPort));
    };
    await waitFor('the broker to listen', ready);
  }

  private async makeSecrets(): Promise<void> {
    const secrets = join(this.directory, 'secrets');
    await promisify(execFile)(process.execPath, ['scripts/secrets.mjs', '--directory', secrets, '--host', 'localhost']);
  }

  private async end(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
