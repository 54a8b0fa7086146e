import { chown, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startContainerMosquitto } from './container-mosquitto.js';
import { freePort } from './free-port.js';
import { type Identity, serverIdentity } from './identity.js';
import { LogFile } from './log-file.js';
import { mosquittoConfiguration } from './mosquitto-configuration.js';
import { debianMosquitto, installedMosquitto, type MosquittoPrograms } from './mosquitto-programs.js';
import { claimDirectory, releaseDirectory } from './owner.js';
import { endProcess, isRunning, worksIn } from './process-table.js';
import { makeOpenDirectory, requireReachable } from './reachable-directory.js';
import type { Progress, RunningBroker } from './running-service.js';
import { brokerWaysOut, ServicesUnavailable } from './services-unavailable.js';
import { SupervisedProcess } from './supervised-process.js';

export interface MosquittoOptions {
  /** Where the Debian packages are or will be unpacked, when Mosquitto is not installed. */
  directory: string;
  /** Holds configuration, log and persistence file; made when missing, kept when the broker stops. */
  workDirectory: string;
  /** A free one when not given. */
  port?: number;
  progress?: Progress;
  /** Lines of mosquitto.conf; they override our defaults for the same option. */
  configuration?: string[];
  /** Keep retained messages and sessions over a restart; false when not given. */
  persistence?: boolean;
  /** Where it may come from, the first that works; installed, debian, container when not given. */
  sources?: readonly RunningBroker['source'][];
}

const host = '127.0.0.1';
const stopTimeoutMs = 10_000;
const startTimeoutMs = 30_000;
const attempts = 50;

/** Starts an MQTT broker on 127.0.0.1: the installed Mosquitto, else Debian's packages, else its container. */
export async function startMosquitto(options: MosquittoOptions): Promise<RunningBroker> {
  const reasons: string[] = [];
  for (const source of options.sources ?? (['installed', 'debian', 'container'] as const)) {
    try {
      const broker = await startFrom(source, options);
      if (broker) return broker;
    } catch (error) {
      if (!(error instanceof ProgramsUnavailable)) throw error;
      reasons.push(error.message);
    }
  }
  throw new ServicesUnavailable(['No MQTT broker can be started here.', ...reasons, brokerWaysOut].join('\n'));
}

/** The Debian packages cannot be had; another source may do. */
class ProgramsUnavailable extends Error {}

async function startFrom(
  source: RunningBroker['source'],
  options: MosquittoOptions,
): Promise<RunningBroker | undefined> {
  if (source === 'container') return startContainerMosquitto(options);
  const programs =
    source === 'installed'
      ? await installedMosquitto()
      : await debianMosquitto(options.directory, options.progress).catch(unavailable);
  return programs && startProgram(programs, options);
}

function unavailable(error: unknown): never {
  throw error instanceof ServicesUnavailable ? new ProgramsUnavailable(error.message) : error;
}

async function startProgram(programs: MosquittoPrograms, options: MosquittoOptions): Promise<RunningBroker> {
  const directory = resolve(options.workDirectory);
  const identity = await serverIdentity();
  await requireReachable(directory, identity);
  await requireReachable(dirname(programs.mosquitto), identity);
  await makeOpenDirectory(directory);
  await claimDirectory(directory);
  try {
    const server = new MosquittoServer(directory, programs, identity, options);
    await server.start();
    return describe(server, programs);
  } catch (error) {
    await releaseDirectory(directory);
    throw error;
  }
}

function describe(server: MosquittoServer, programs: MosquittoPrograms): RunningBroker {
  return {
    url: `mqtt://${host}:${server.port}`,
    host,
    port: server.port,
    source: programs.source,
    pubPath: programs.pub,
    subPath: programs.sub,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    restart: () => server.restart(),
    kill: () => server.kill(),
  };
}

/** One broker in one work directory, over its starts and stops. */
class MosquittoServer {
  port = 0;
  #process: SupervisedProcess | undefined;
  readonly #directory: string;
  readonly #programs: MosquittoPrograms;
  readonly #identity: Identity | undefined;
  readonly #options: MosquittoOptions;
  readonly #log: LogFile;

  constructor(
    directory: string,
    programs: MosquittoPrograms,
    identity: Identity | undefined,
    options: MosquittoOptions,
  ) {
    this.#directory = directory;
    this.#programs = programs;
    this.#identity = identity;
    this.#options = options;
    this.#log = new LogFile(join(directory, 'mosquitto.log'));
  }

  get pid(): number | undefined {
    return this.#process?.running ? this.#process.pid : undefined;
  }

  /** Tries again when somebody else took the port between our choosing it and the broker's listening. */
  async start(): Promise<void> {
    await this.#clearLeftOver();
    const fixedPort = this.#options.port ?? (this.port === 0 ? undefined : this.port);
    for (let attempt = 1; ; attempt++) {
      this.port = fixedPort ?? (await freePort());
      if (await this.#tryStart()) return;
      const portTaken = /Address already in use/i.test(await this.#log.sinceOpen());
      if (portTaken && this.#options.port === undefined && attempt < attempts) {
        await sleep(100);
        continue;
      }
      throw new Error(
        portTaken
          ? `Mosquitto cannot listen on port ${this.port}: something else does. Stop that, or choose another port.`
          : `Mosquitto did not start. The end of ${this.#log.path}:\n${await this.#log.tail()}`,
      );
    }
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    await releaseDirectory(this.#directory);
  }

  async restart(): Promise<void> {
    const held = this.#process?.running === true;
    await this.#process?.stop();
    if (!held) await releaseDirectory(this.#directory);
    if (!held) await claimDirectory(this.#directory);
    await this.start();
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  get #pidFile(): string {
    return join(this.#directory, 'mosquitto.pid');
  }

  /** Ends a broker that a killed parent left behind in this directory. */
  async #clearLeftOver(): Promise<void> {
    const pid = Number(await readFile(this.#pidFile, 'utf8').catch(() => '0'));
    const ours = pid > 0 && (await isRunning(pid)) && (await worksIn(pid, await realpath(this.#directory)));
    if (ours) await endProcess(pid, 'SIGTERM', stopTimeoutMs);
    await rm(this.#pidFile, { force: true });
  }

  async #tryStart(): Promise<boolean> {
    const file = await this.#writeConfiguration();
    this.#process = await SupervisedProcess.start({
      command: this.#programs.mosquitto,
      args: ['-c', file],
      cwd: this.#directory,
      log: this.#log,
      identity: this.#identity,
      stopSignal: 'SIGTERM',
      stopTimeoutMs,
    });
    await writeFile(this.#pidFile, String(this.#process.pid));
    return this.#untilReady(this.#process);
  }

  async #writeConfiguration(): Promise<string> {
    const store = join(this.#directory, 'store');
    await makeOpenDirectory(store);
    const file = join(this.#directory, 'mosquitto.conf');
    const text = mosquittoConfiguration({
      host,
      port: this.port,
      persistenceDirectory: this.#options.persistence === true ? store : undefined,
      lines: this.#options.configuration ?? [],
    });
    await writeFile(file, text, { mode: 0o600 });
    if (this.#identity) for (const path of [store, file]) await chown(path, this.#identity.uid, this.#identity.gid);
    return file;
  }

  /** It says so in its log; where the caller has silenced that, the port answers and the process stays. */
  async #untilReady(server: SupervisedProcess): Promise<boolean> {
    const started = Date.now();
    while (server.running && Date.now() - started < startTimeoutMs) {
      if (/mosquitto version \S+ running/.test(await this.#log.sinceOpen())) return true;
      if (Date.now() - started > 1_000 && (await answers(this.port))) return server.running;
      await sleep(10);
    }
    await server.stop();
    return false;
  }
}

/** Whether something accepts connections on the port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.setTimeout(500, () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
