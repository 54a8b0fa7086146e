import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#libs/kernel';
import { createPool, issueAdministratorKey } from '#libs/storage';
import { freePort, reachableDirectory, startDebianPostgres, startMosquitto } from '#libs/services';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** A whole Felinar as a city runs it: database, broker, and each role a process of its own. */
export interface FelinarProcesses {
  readonly apiUrl: string;
  /** An API key for everything. */
  readonly key: string;
  readonly brokerUrl: string;
  readonly databaseUrl: string;
  /** Starts the simulator with these options; it ends with the rest. */
  simulate(options: readonly string[]): void;
  stop(): Promise<void>;
}

/** Starts everything; `settings` are FELINAR_ variables. When a process ends unasked, what it said last is printed. */
export async function startFelinarProcesses(
  settings: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<FelinarProcesses> {
  const directory = await reachableDirectory(join(process.cwd(), '.felinar', 'services'));
  const work = await mkdtemp(join(await reachableDirectory(tmpdir()), 'felinar-bench-'));
  await chmod(work, 0o711);
  const postgres = await startDebianPostgres({ directory, dataDirectory: join(work, 'postgres'), progress: say });
  const broker = await startMosquitto({ directory, workDirectory: join(work, 'mosquitto'), progress: say });
  const port = await freePort();
  const children: ChildProcess[] = [];
  let stopping = false;

  const start = (name: string, file: string, argv: readonly string[], env: Record<string, string>) => {
    const log = join(work, `${name}.log`);
    const child = fork(join(ROOT, file), argv, { env: { PATH: process.env['PATH'] ?? '', ...env }, silent: true });
    const stream = createWriteStream(log);
    child.stdout?.pipe(stream, { end: false });
    child.stderr?.pipe(stream, { end: false });
    child.on('exit', (code) => {
      if (stopping) return;
      void readFile(log, 'utf8').then((text) => say(`${name} ended with ${code}:\n${text.slice(-2000)}`));
    });
    children.push(child);
  };
  const environment = {
    FELINAR_DATABASE_URL: postgres.url,
    FELINAR_MQTT_URL: broker.url,
    FELINAR_LOG_LEVEL: 'info',
    FELINAR_HTTP_REQUESTS_PER_MINUTE: '0',
    FELINAR_HTTP_PORT: String(port),
    ...settings,
  };
  for (const role of ['api', 'ingest', 'control']) start(role, `apps/${role}/src/main.js`, [], environment);
  const apiUrl = `http://127.0.0.1:${port}`;
  await untilReady(apiUrl);
  const pool = createPool(postgres.url, 1);
  const key = await issueAdministratorKey(pool, 'benchmark', systemClock.nowMs()).finally(() => pool.end());
  return {
    apiUrl,
    key,
    brokerUrl: broker.url,
    databaseUrl: postgres.url,
    simulate: (options) => start('simulator', 'simulators/src/main.js', ['--broker', broker.url, ...options], {}),
    stop: async () => {
      stopping = true;
      for (const child of children.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await Promise.race([ended, delay(10_000).then(() => child.kill('SIGKILL'))]);
      }
      await broker.stop();
      await postgres.stop();
      await rm(work, { recursive: true, force: true });
    },
  };
}

async function untilReady(apiUrl: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const isReady = await fetch(`${apiUrl}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(100);
  }
  throw new Error('the API does not become ready: look at the logs above');
}
