import { setTimeout as sleep } from 'node:timers/promises';
import { dirname, join, resolve } from 'node:path';
import { freePort } from './free-port.js';
import { type Identity, serverIdentity } from './identity.js';
import { LogFile } from './log-file.js';
import { claimDirectory, releaseDirectory } from './owner.js';
import { PostgresCluster, type PostgresPrograms } from './postgres-cluster.js';
import { defaultSettings, settingsFile } from './postgres-settings.js';
import { clearLeftOverServer, readPostmasterPid } from './postmaster-pid.js';
import { makeOpenDirectory, requireReachable } from './reachable-directory.js';
import type { Progress, RunningPostgres } from './running-service.js';
import { SupervisedProcess } from './supervised-process.js';

export interface PostgresServerOptions {
  /** Holds the data, the password and the log; made when missing, kept when the server stops. */
  dataDirectory: string;
  /** A free one when not given. */
  port?: number;
  progress?: Progress;
  /** Settings of postgresql.conf that override ours. */
  settings?: Record<string, string>;
  /** Created at the first start; `felinar` when not given. */
  database?: string;
}

const stopTimeoutMs = 20_000;
/** Recovery after a crash comes before `ready`. */
const startTimeoutMs = 300_000;
const attempts = 100;

/** Starts PostgreSQL on a directory: made when missing, freed from a left-over server, never as root. */
export async function startPostgresServer(
  programs: PostgresPrograms,
  options: PostgresServerOptions & { binDirectory: string | undefined },
): Promise<RunningPostgres> {
  const directory = resolve(options.dataDirectory);
  const identity = await serverIdentity();
  await requireReachable(directory, identity);
  await requireReachable(dirname(programs.postgres), identity);
  await makeOpenDirectory(directory);
  await claimDirectory(directory);
  try {
    const cluster = new PostgresCluster(directory, programs, identity);
    if ((await clearLeftOverServer(cluster.pgdata, stopTimeoutMs)) === 'stopped') {
      options.progress?.('Stopped a database server that an earlier run had left behind.');
    }
    if ((await cluster.ensureInitialized()) === 'new') options.progress?.('Made a new database directory.');
    const database = options.database ?? 'felinar';
    await cluster.ensureDatabase(database);
    const server = new PostgresServer(directory, cluster, programs, identity, options);
    await server.start();
    return await describe(server, cluster, programs, options.binDirectory, database);
  } catch (error) {
    await releaseDirectory(directory);
    throw error;
  }
}

async function describe(
  server: PostgresServer,
  cluster: PostgresCluster,
  programs: PostgresPrograms,
  binDirectory: string | undefined,
  database: string,
): Promise<RunningPostgres> {
  return {
    url: await cluster.url(server.port, database),
    source: programs.source,
    timescale: programs.timescale,
    binDirectory,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    restart: () => server.restart(),
    kill: () => server.kill(),
  };
}

/** One server on one data directory, over its starts and stops. */
class PostgresServer {
  port = 0;
  #process: SupervisedProcess | undefined;
  readonly #directory: string;
  readonly #cluster: PostgresCluster;
  readonly #programs: PostgresPrograms;
  readonly #identity: Identity | undefined;
  readonly #options: PostgresServerOptions;
  readonly #log: LogFile;

  constructor(
    directory: string,
    cluster: PostgresCluster,
    programs: PostgresPrograms,
    identity: Identity | undefined,
    options: PostgresServerOptions,
  ) {
    this.#directory = directory;
    this.#cluster = cluster;
    this.#programs = programs;
    this.#identity = identity;
    this.#options = options;
    this.#log = new LogFile(join(directory, 'postgres.log'));
  }

  get pid(): number | undefined {
    return this.#process?.running ? this.#process.pid : undefined;
  }

  /** Tries again on what passes by itself: a port somebody else took, the shared memory of a server just killed. */
  async start(): Promise<void> {
    const fixedPort = this.#options.port ?? (this.port === 0 ? undefined : this.port);
    for (let attempt = 1; ; attempt++) {
      this.port = fixedPort ?? (await freePort());
      if (await this.#tryStart()) return;
      const log = await this.#log.sinceOpen();
      const portTaken = /could not bind|Address already in use/i.test(log);
      const memoryInUse = /shared memory block/.test(log);
      const passes = memoryInUse || (portTaken && (fixedPort === undefined || this.#options.port === undefined));
      if (passes && attempt < attempts) {
        await sleep(100);
        continue;
      }
      throw new Error(
        portTaken
          ? `PostgreSQL cannot listen on port ${this.port}: something else does. Stop that, or choose another port.`
          : `PostgreSQL did not start. The end of ${this.#log.path}:\n${await this.#log.tail()}`,
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

  async #tryStart(): Promise<boolean> {
    await this.#cluster.configure(
      settingsFile({
        ...defaultSettings(this.#programs.timescale),
        ...this.#options.settings,
        listen_addresses: '127.0.0.1',
        port: String(this.port),
        unix_socket_directories: '',
      }),
    );
    this.#process = await SupervisedProcess.start({
      command: this.#programs.postgres,
      args: ['-D', this.#cluster.pgdata],
      cwd: this.#directory,
      log: this.#log,
      identity: this.#identity,
      stopSignal: 'SIGINT',
      stopTimeoutMs,
    });
    return this.#untilReady(this.#process);
  }

  /** The server itself writes into postmaster.pid when it accepts connections. */
  async #untilReady(server: SupervisedProcess): Promise<boolean> {
    const deadline = Date.now() + startTimeoutMs;
    const recoveryNotice = Date.now() + 3_000;
    let told = false;
    while (server.running) {
      const state = await readPostmasterPid(this.#cluster.pgdata);
      if (state?.pid === server.pid && state.status === 'ready') return true;
      if (!told && Date.now() > recoveryNotice) {
        told = true;
        this.#options.progress?.('The database is recovering from an unclean end…');
      }
      if (Date.now() > deadline) {
        await server.stop();
        return false;
      }
      await sleep(20);
    }
    return false;
  }
}
